// Tempi at which people hear the same music, and how near counts as the same: as the analysis has it.
const LEVELS = [1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4] as const;
const SAME = 0.04;
// A tempo that was said and differs by less than this from the one heard takes nothing away from it.
const EQUAL = 0.0005;

const WORDS: ReadonlyMap<number, string> = new Map([
  [1 / 4, 'a quarter of'],
  [1 / 3, 'a third of'],
  [1 / 2, 'half'],
  [2 / 3, 'two thirds of'],
  [3 / 2, 'one and a half times'],
  [2, 'twice'],
  [3, 'three times'],
  [4, 'four times'],
]);

/** The slowest and the fastest tempo that can be said, BPM. */
export const SLOWEST_BPM = 20;
export const FASTEST_BPM = 400;

/** Whether a tempo can be said. */
export function canBeSaid(bpm: number): boolean {
  return bpm >= SLOWEST_BPM && bpm <= FASTEST_BPM;
}

/** What a tempo that was tapped means beside the one heard: a level of it, exactly; undefined: another tempo. */
export function levelOf(bpm: number, heardBpm: number): { readonly bpm: number; readonly words: string } | undefined {
  const near = (level: number) => Math.abs(Math.log(bpm / (heardBpm * level)));
  const level = LEVELS.reduce((best, one) => (near(one) < near(best) ? one : best));
  if (Math.abs(bpm / (heardBpm * level) - 1) > SAME) return undefined;
  return { bpm: heardBpm * level, words: level === 1 ? 'what we heard' : `${WORDS.get(level)} what we heard` };
}

/** Whether two tempi are one. */
export function sameTempo(one: number, other: number): boolean {
  return Math.abs(one / other - 1) < EQUAL;
}
