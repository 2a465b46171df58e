import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';

// Of what the API says with 0.8 or more, 95 % is right; below half it is a guess.
const SURE = 0.5;

/** A length for the eye: `3:07`. */
export function lengthWords(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A tempo in words: `120 BPM`, `about 120 BPM`; empty while none was heard. */
export function tempoWords({ tempoBpm, tempoConfidence }: Pick<TrackCard, 'tempoBpm' | 'tempoConfidence'>): string {
  if (tempoBpm === undefined) return '';
  const bpm = `${Number(tempoBpm.toFixed(1))} BPM`;
  return (tempoConfidence ?? 1) < SURE ? `about ${bpm}` : bpm;
}

/** A key in words: `F♯ minor`, `perhaps F♯ minor`; empty while none was heard. */
export function keyWords({ key, keyConfidence }: Pick<TrackCard, 'key' | 'keyConfidence'>): string {
  if (!key) return '';
  const name = key.replace(/^([A-G])#/, '$1♯').replace(/^([A-G])b/, '$1♭');
  return (keyConfidence ?? 1) < SURE ? `perhaps ${name}` : name;
}
