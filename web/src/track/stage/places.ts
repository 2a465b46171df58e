import { indexAt, type Lasting, nearest } from '../windowing';

const STEP = 5;
const PAGE = 30;
// Who jumps back soon after the beginning of a part wants the one before.
const SOON = 1.5;
const HERE = 0.05;

/** The beginning of the next part (1) or of this or the previous one (-1); undefined where there is none. */
export function partFrom(parts: readonly Lasting[], at: number, by: 1 | -1): number | undefined {
  if (by === 1) return parts.find((part) => part.startSeconds > at + HERE)?.startSeconds;
  return parts.findLast((part) => part.startSeconds < at - Math.min(SOON, (part.endSeconds - part.startSeconds) / 2))
    ?.startSeconds;
}

/** The next beat or the one before. */
export function beatFrom(beats: readonly number[], at: number, by: 1 | -1): number | undefined {
  const near = nearest(beats, at);
  const there = beats[near];
  if (there === undefined) return undefined;
  const beyond = by === 1 ? there > at + HERE : there < at - HERE;
  return beyond ? there : beats[near + by];
}

interface Places {
  readonly sections: readonly Lasting[];
  readonly beats: readonly number[];
  readonly duration: number;
}

/** Where a key leads from here, seconds; undefined for keys that lead nowhere. */
export function placeFor(
  key: string,
  shift: boolean,
  at: number,
  { sections, beats, duration }: Places,
): number | undefined {
  const by = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[key] as
    | 1
    | -1
    | undefined;
  if (key === 'Home') return 0;
  if (key === 'End') return duration;
  if (by === undefined) return undefined;
  const to = key.startsWith('Page')
    ? partOrPage(sections, at, by)
    : shift
      ? (beatFrom(beats, at, by) ?? at + by)
      : at + by * STEP;
  return Math.min(Math.max(to, 0), duration);
}

function partOrPage(sections: readonly Lasting[], at: number, by: 1 | -1): number {
  if (sections.length === 0) return at + by * PAGE;
  return partFrom(sections, at, by) ?? (by === 1 ? at : 0);
}

/** Where one is, for those who don't see it: the part of the song, and the chord. */
export function whereWords(
  at: number,
  sections: readonly (Lasting & { readonly label: string })[],
  chords: readonly (Lasting & { readonly name: string })[],
): string {
  const part = sections[indexAt(sections, at)];
  const chord = chords[indexAt(chords, at)];
  return [part && `part ${part.label}`, chord && chord.name !== 'N' && `chord ${chord.name}`]
    .filter(Boolean)
    .join(', ');
}
