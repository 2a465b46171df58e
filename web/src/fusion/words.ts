import type { Collision, Cost, Plan, TrackPlan } from '@/api/gen/puremusic/fusion/v1/fusion_pb';

/** How much of a plan can be heard, from nothing to a lot. */
export type Bend = 'none' | 'hardly' | 'slightly' | 'noticeably' | 'clearly';

export const BEND_WORDS: Readonly<Record<Bend, string>> = {
  none: 'Nothing is bent',
  hardly: 'Hardly noticeable',
  slightly: 'Slightly noticeable',
  noticeably: 'Noticeable',
  clearly: 'Clearly audible',
};

const UNHEARD_POINTS = 0.01;
// Keys that stay a fifth apart cost about half a point per voice, and sound well.
const RUBBING_POINTS = 2;

/**
 * How much can be heard of what is done to the voice that loses most. One point is where people begin to hear it; that
 * several voices lose a little is heard no better than that one does.
 */
export function bendOf(plan: Plan): Bend {
  const losses = plan.tracks.flatMap(({ damages }) => damages.map(({ stretch, pitch }) => stretch + pitch));
  const worst = Math.max(0, ...losses);
  if (worst < UNHEARD_POINTS) return 'none';
  if (worst < 0.5) return 'hardly';
  if (worst < 1) return 'slightly';
  return worst < 2.5 ? 'noticeably' : 'clearly';
}

/** Whether keys stay apart so that it may be heard. */
export function keysRub(cost: Cost | undefined): boolean {
  return (cost?.clash ?? 0) >= RUBBING_POINTS;
}

/** What a plan brings songs to, in a line: `98 BPM · A minor`; empty where nothing is matched. */
export function targetWords(plan: Plan): string {
  const tempo = plan.tempoBpm === undefined ? [] : [`${numberWords(plan.tempoBpm, 1)} BPM`];
  return [...tempo, ...(plan.key?.name ? [plan.key.name] : [])].join(' · ');
}

/** What happens to a song, a line each: its tempo, its pitch, its level. */
export function trackWords(track: TrackPlan): string[] {
  const lines = [speedWords(track.speed)];
  if (track.levelFactor === 2) lines.push('counted in double time');
  if (track.levelFactor === 0.5) lines.push('counted in half time');
  lines.push(pitchWords(track.semitones, track.cents) + (track.key?.name ? `, in ${track.key.name}` : ''));
  if (Math.abs(track.balanceDb) >= 0.05) lines.push(levelWords(track.balanceDb));
  return lines;
}

/** How many times as fast, in words: `4 % faster`. */
export function speedWords(speed: number): string {
  const percent = Math.abs(speed - 1) * 100;
  if (percent < 0.05) return 'keeps its tempo';
  return `played ${numberWords(percent, percent < 10 ? 1 : 0)} % ${speed > 1 ? 'faster' : 'slower'}`;
}

/** How much higher, in words: `2 semitones higher`; drums are never moved. */
export function pitchWords(semitones: number, cents: number): string {
  if (semitones !== 0) {
    const count = Math.abs(semitones);
    return `${count} semitone${count === 1 ? '' : 's'} ${semitones > 0 ? 'higher' : 'lower'}`;
  }
  if (Math.abs(cents) < 0.5) return 'stays as high as it is';
  return `tuned ${Math.round(Math.abs(cents))} cents ${cents > 0 ? 'up' : 'down'}`;
}

function levelWords(db: number): string {
  return `${numberWords(Math.abs(db), 1)} dB ${db > 0 ? 'louder' : 'softer'}`;
}

const REMEDIES: Readonly<Record<string, string>> = {
  none: 'Both are heard.',
  ducked: 'One is turned down there.',
  turns: 'They take turns.',
  low_cut: 'One loses its lowest notes there.',
};
const ROLES: Readonly<Record<string, string>> = { vocals: 'singers', bass: 'basses', drums: 'drummers' };
const SHOWN_PLACES = 3;

/** Where two of a kind meet and what is done about it: `Two singers meet at 0:12–0:40: they take turns.` */
export function collisionWords({ role, spans, remedy, certain }: Collision): string {
  const places = spans.slice(0, SHOWN_PLACES).map((span) => `${clock(span.startSeconds)}–${clock(span.endSeconds)}`);
  const more = spans.length > SHOWN_PLACES ? ` and ${spans.length - SHOWN_PLACES} more times` : '';
  const where = places.length ? ` at ${places.join(', ')}${more}` : '';
  return `Two ${ROLES[role] ?? role} ${certain ? 'meet' : 'may meet'}${where}. ${REMEDIES[remedy] ?? ''}`.trim();
}

/** A moment or length as minutes and seconds: `3:07`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A number with at most so many digits after the point, and none that say nothing: `98`, `98.5`. */
export function numberWords(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** How long something takes yet, to go on a sentence with: `, about 2 minutes left`; empty while nothing can be said. */
export function etaWords(seconds: number | undefined): string {
  if (seconds === undefined || !(seconds >= 0)) return '';
  if (seconds < 10) return ', a few seconds left';
  if (seconds < 55) return `, about ${Math.round(seconds / 10) * 10} seconds left`;
  const minutes = Math.round(seconds / 60);
  return `, about ${Math.max(1, minutes)} minute${minutes > 1 ? 's' : ''} left`;
}

/** What is warned of whatever plan is chosen, and what each plan adds to that, by rank. */
export function sharedWarnings(plans: readonly Plan[]): { shared: string[]; own: ReadonlyMap<number, string[]> } {
  const said = new Map(plans.map(({ rank, warnings }) => [rank, warnings.map(({ message }) => message)]));
  const [first = [], ...others] = [...said.values()];
  const shared = others.length ? first.filter((line) => others.every((lines) => lines.includes(line))) : [];
  const own = new Map([...said].map(([rank, lines]) => [rank, lines.filter((line) => !shared.includes(line))]));
  return { shared, own };
}

/** A level for people, with a real minus: `−14`. */
export function levelNumber(value: number): string {
  return numberWords(value, 1).replace('-', '−');
}
