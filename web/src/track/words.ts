/** A number with at most so many digits after the point, and none that say nothing. */
export function numberWords(value: number, digits = 1): string {
  return String(Number(value.toFixed(digits))).replace('-', '−');
}

/** A tempo as people read it: `128 BPM`, `93.5 BPM`. */
export function bpmWords(bpm: number): string {
  return `${numberWords(bpm)} BPM`;
}

/** A size in bytes for people: `4.2 MB`. */
export function sizeWords(bytes: bigint): string {
  const size = Number(bytes);
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3))} kB`;
  return size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(2)} GB`;
}

/** A sample rate and channels: `44.1 kHz, stereo`. */
export function rateWords(sampleRate: number, channels: number): string {
  return `${numberWords(sampleRate / 1000)} kHz, ${channels === 1 ? 'mono' : 'stereo'}`;
}

/** How long something takes yet: `about 2 minutes left`; empty while nothing can be said. */
export function etaWords(seconds: number | undefined): string {
  if (seconds === undefined || !(seconds >= 0)) return '';
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} seconds left`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `about ${minutes} minute${minutes > 1 ? 's' : ''} left`;
}

/** An integrated loudness, LUFS, beside what streaming services play at. */
export function loudnessWords(lufs: number): string {
  if (lufs > -9) return 'very loud, as for clubs';
  if (lufs > -12.5) return 'loud';
  if (lufs > -16) return 'about as loud as streaming services play';
  if (lufs > -23) return 'soft';
  return 'very soft';
}

/** A tuning, cents from A4 = 440 Hz. */
export function tuningWords(cents: number): string {
  const off = Math.round(Math.abs(cents));
  if (off < 3) return 'at concert pitch (A = 440 Hz)';
  const hertz = numberWords(440 * 2 ** (cents / 1200));
  return `${off} cents ${cents > 0 ? 'above' : 'below'} concert pitch (A = ${hertz} Hz)`;
}

/** A share of the range from nothing to everything, in words. */
export function amountWords(share: number): string {
  if (share < 0.2) return 'very low';
  if (share < 0.4) return 'low';
  if (share < 0.6) return 'medium';
  return share < 0.8 ? 'high' : 'very high';
}
