import type { Beats, Chord, Section, Span } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { momentsWithin, visible } from '../windowing';
import type { Draw } from './Lane';
import { type Palette, sectionColour } from './palette';
import { scaleOf, type View, xOf } from './view';

const FONT = '12px ui-sans-serif, system-ui, sans-serif';
const BOLD = `600 ${FONT}`;
const PADDING = 5;
// Ticks that are closer than this, CSS pixels, are a grey smear.
const CLOSEST_TICKS = 5;
const CLOSEST_NUMBERS = 44;
const CLOSEST_TIMES = 70;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300];

/** The parts of the song: a coloured block each, with its letter and how many bars it has. */
export function drawSections(sections: readonly Section[], palette: Palette): Draw {
  return (ctx, view, height) => {
    for (const section of visible(sections, view.start, view.end)) {
      const { x, width } = box(view, section.startSeconds, section.endSeconds);
      ctx.fillStyle = sectionColour(section.label, palette.dark, 0.42);
      ctx.fillRect(x, 0, Math.max(1, width - 1), height);
      ctx.fillStyle = sectionColour(section.label, palette.dark);
      ctx.fillRect(x, 0, Math.min(3, width), height);
      const bars = section.bars > 0 ? ` · ${section.bars} bars` : '';
      label(ctx, [`${section.label}${bars}`, section.label], Math.max(x, 0) + 3, x + width, height, palette.ink, BOLD);
    }
  };
}

/** The parts' colours behind the waveform, and the loop. */
export function drawBackdrop(
  sections: readonly Section[],
  loop: { readonly start: number; readonly end: number } | null,
  palette: Palette,
): Draw {
  return (ctx, view, height) => {
    for (const section of visible(sections, view.start, view.end)) {
      const { x, width } = box(view, section.startSeconds, section.endSeconds);
      ctx.fillStyle = sectionColour(section.label, palette.dark, 0.12);
      ctx.fillRect(x, 0, width, height);
    }
    if (!loop) return;
    const { x, width } = box(view, loop.start, loop.end);
    ctx.globalAlpha = 0.2;
    ctx.fillStyle = palette.accent;
    ctx.fillRect(x, 0, width, height);
    ctx.globalAlpha = 1;
    ctx.fillRect(x, 0, 2, height);
    ctx.fillRect(x + width - 2, 0, 2, height);
  };
}

/** A tick for each beat, a longer one for each downbeat, as far as they are not too close to be told apart. */
export function drawBeats(beats: Beats, palette: Palette): Draw {
  const bars = barsOf(beats);
  return (ctx, view, height) => {
    const [first, last] = momentsWithin(beats.seconds, view.start, view.end);
    const beatWidth = (scaleOf(view) * (view.end - view.start)) / Math.max(1, last - first);
    const [firstBar, lastBar] = momentsWithin(bars, view.start, view.end);
    const barWidth = (scaleOf(view) * (view.end - view.start)) / Math.max(1, lastBar - firstBar);
    if (beatWidth >= CLOSEST_TICKS) {
      ctx.fillStyle = palette.muted;
      for (let i = first; i < last; i++) {
        if (beats.positions[i] !== 1) ctx.fillRect(Math.round(xOf(view, beats.seconds[i] ?? 0)), height - 6, 1, 6);
      }
    }
    if (barWidth < CLOSEST_TICKS) return;
    const step = 2 ** Math.max(0, Math.ceil(Math.log2(CLOSEST_NUMBERS / barWidth)));
    for (let i = firstBar; i < lastBar; i++) {
      const x = Math.round(xOf(view, bars[i] ?? 0));
      const numbered = i % step === 0;
      ctx.fillStyle = numbered ? palette.ink : palette.muted;
      ctx.fillRect(x, numbered ? height - 14 : height - 10, barWidth > 20 ? 2 : 1, 14);
      if (numbered) text(ctx, String(i + 1), x + 4, height - 9, palette.muted, FONT);
    }
  };
}

/** Chords by name; where there is no room for a name, its block alone. */
export function drawChords(chords: readonly Chord[], palette: Palette): Draw {
  return (ctx, view, height) => {
    for (const chord of visible(chords, view.start, view.end)) {
      if (chord.root === undefined) continue;
      const { x, width } = box(view, chord.startSeconds, chord.endSeconds);
      ctx.globalAlpha = 0.1 + 0.14 * chord.confidence;
      ctx.fillStyle = palette.ink;
      ctx.fillRect(x, 1, Math.max(1, width - 1), height - 2);
      ctx.globalAlpha = 1;
      label(ctx, [chord.name], Math.max(x, 0), x + width, height, palette.ink, FONT);
    }
  };
}

/** When a stem plays, in its colour. */
export function drawActivity(spans: readonly Span[], colour: string): Draw {
  return (ctx, view, height) => {
    ctx.fillStyle = colour;
    for (const span of visible(spans, view.start, view.end)) {
      const { x, width } = box(view, span.startSeconds, span.endSeconds);
      ctx.fillRect(x, 1, Math.max(1, width), height - 2);
    }
  };
}

/** Minutes and seconds. */
export function drawTimes(palette: Palette): Draw {
  return (ctx, view, height) => {
    const scale = scaleOf(view);
    const step = TIME_STEPS.find((seconds) => seconds * scale >= CLOSEST_TIMES) ?? 600;
    for (let at = Math.ceil(view.start / step) * step; at <= view.end; at += step) {
      const x = Math.round(xOf(view, at));
      ctx.fillStyle = palette.line;
      ctx.fillRect(x, 0, 1, height);
      text(ctx, `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`, x + 4, height / 2, palette.muted, FONT);
    }
  };
}

/** The downbeats, seconds. */
export function barsOf({ seconds, positions }: Pick<Beats, 'seconds' | 'positions'>): readonly number[] {
  return seconds.filter((_, i) => positions[i] === 1);
}

function box(view: View, start: number, end: number): { x: number; width: number } {
  const x = xOf(view, Math.max(start, view.start - 1));
  return { x, width: xOf(view, Math.min(end, view.end + 1)) - x };
}

/** Writes the first of these words that has room from `left` to `right`. */
function label(
  ctx: CanvasRenderingContext2D,
  choices: readonly string[],
  left: number,
  right: number,
  height: number,
  colour: string,
  font: string,
) {
  ctx.font = font;
  const room = right - left - 2 * PADDING;
  const words = choices.find((one) => ctx.measureText(one).width <= room);
  if (words) text(ctx, words, left + PADDING, height / 2, colour, font);
}

function text(
  ctx: CanvasRenderingContext2D,
  words: string,
  x: number,
  middle: number,
  colour: string,
  font: string,
): void {
  ctx.font = font;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colour;
  ctx.fillText(words, x, middle + 0.5);
}
