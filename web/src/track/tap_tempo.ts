/** What somebody's taps say. */
export interface TappedTempo {
  /** Beats per minute. */
  readonly bpm: number;
  /** How many taps it rests on. */
  readonly taps: number;
  /** Whether the taps came evenly enough to be relied on. */
  readonly even: boolean;
}

/** From so many taps on a tempo is told. */
export const FEWEST_TAPS = 4;

const KEPT_TAPS = 32;
const PAUSE_MS = 2_500;
// A hand that is this close to the last tap, as a share of a beat, slipped.
const SLIP = 0.45;
// A tap that lies farther from its beat, as a share of a beat, does not count.
const ASTRAY = 0.2;
const EVEN = 0.06;

/** The taps after one more, milliseconds. After a pause a new count begins. */
export function withTap(taps: readonly number[], at: number): readonly number[] {
  const last = taps.at(-1);
  if (last === undefined || at - last > Math.max(PAUSE_MS, 3 * median(gaps(taps)))) return [at];
  return [...taps, at].slice(-KEPT_TAPS);
}

/**
 * The tempo of taps, milliseconds ascending; undefined until there are enough. A beat that was left out is counted, a tap
 * that slipped or went astray is not; the rest are laid on a line, so that the first and last weigh no more than others.
 */
export function tempoOf(taps: readonly number[]): TappedTempo | undefined {
  if (taps.length < FEWEST_TAPS) return undefined;
  const beat = median(gaps(taps));
  const counted = numbered(taps, beat);
  const first = line(counted);
  if (!first) return undefined;
  const near = counted.filter(
    ({ beat: number, at }) => Math.abs(at - first.begin - number * first.step) <= ASTRAY * first.step,
  );
  const kept = near.length >= FEWEST_TAPS ? near : counted;
  const fit = line(kept);
  if (!fit || kept.length < FEWEST_TAPS || !(fit.step > 0)) return undefined;
  const spread = Math.sqrt(mean(kept.map(({ beat: number, at }) => (at - fit.begin - number * fit.step) ** 2)));
  return { bpm: 60_000 / fit.step, taps: kept.length, even: spread <= EVEN * fit.step };
}

interface CountedTap {
  readonly beat: number;
  readonly at: number;
}

/** Says which beat each tap means, given how long a beat is about. */
function numbered(taps: readonly number[], beat: number): CountedTap[] {
  const counted: CountedTap[] = [];
  for (const at of taps) {
    const last = counted.at(-1);
    if (!last) counted.push({ beat: 0, at });
    else if (at - last.at >= SLIP * beat)
      counted.push({ beat: last.beat + Math.max(1, Math.round((at - last.at) / beat)), at });
  }
  return counted;
}

/** The line of least squares through taps. */
function line(taps: readonly CountedTap[]): { begin: number; step: number } | undefined {
  if (taps.length < 2) return undefined;
  const beat = mean(taps.map((tap) => tap.beat));
  const at = mean(taps.map((tap) => tap.at));
  const across = taps.reduce((sum, tap) => sum + (tap.beat - beat) ** 2, 0);
  const along = taps.reduce((sum, tap) => sum + (tap.beat - beat) * (tap.at - at), 0);
  const step = along / across;
  return { begin: at - step * beat, step };
}

function gaps(taps: readonly number[]): number[] {
  return taps.slice(1).map((at, i) => at - (taps[i] ?? at));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
