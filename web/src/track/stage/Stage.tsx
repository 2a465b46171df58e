import { useEffect, useMemo, useRef } from 'react';
import type { Waveform } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import type { Analysis } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Notice, Skeleton } from '@/design';
import { isStemName, type Player, STEM_FILLS, STEM_LABELS, STEM_NAMES, usePlayerState } from '@/listening';
import { indexAt } from '../windowing';
import { drawActivity, drawBackdrop, drawBeats, drawChords, drawSections, drawTimes } from './drawing';
import { Lane } from './Lane';
import { Playhead } from './Playhead';
import { type Palette, usePalette } from './palette';
import { useWave } from './use_wave';
import type { ViewStore } from './view';
import { Zoom } from './Zoom';

interface StageProps {
  readonly player: Player;
  readonly waveform: Waveform | undefined;
  readonly analysis: Analysis | null | undefined;
  /** Seconds. */
  readonly duration: number;
}

const WAVE_HEIGHT = 128;

/** The song as a picture: its parts, waveform, beats, chords, and who plays when. Press to go somewhere, drag to search. */
export function Stage({ player, waveform, analysis, duration }: StageProps) {
  const place = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const palette = usePalette();
  const { view, broken, zoomBy, zoomTo } = useWave(place, waveform, player, palette, WAVE_HEIGHT);
  useWheelZoom(stage, zoomBy);
  const stems = useMemo(() => activeStems(analysis), [analysis]);
  return (
    <section aria-label="The song as a picture" className="flex flex-col gap-2">
      <div ref={stage} className="relative overflow-hidden rounded-control border border-line bg-sunken">
        {analysis && analysis.sections.length > 0 && (
          <Sections player={player} view={view} analysis={analysis} palette={palette} />
        )}
        <div className="relative">
          <Backdrop player={player} view={view} analysis={analysis} palette={palette} />
          <div ref={place} className="relative min-h-32" />
          {!waveform && <Skeleton className="absolute inset-0" />}
        </div>
        {analysis?.beats && <BeatLane view={view} analysis={analysis} palette={palette} />}
        {analysis && analysis.chords.length > 0 && (
          <ChordLane player={player} view={view} analysis={analysis} palette={palette} />
        )}
        {stems.map(({ stem, active }) => (
          <ActivityLane key={stem} view={view} active={active} colour={palette.stems[stem]} />
        ))}
        <TimesLane view={view} palette={palette} />
        <Playhead player={player} view={view} duration={duration} analysis={analysis} onZoom={zoomBy} />
      </div>
      {broken && (
        <Notice kind="warning">
          The waveform could not be drawn. Everything else works; load the page again to try once more.
        </Notice>
      )}
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <Zoom view={view} duration={duration} onStep={zoomBy} onScale={zoomTo} />
        {stems.length > 0 && (
          <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-sm" aria-label="Stems in the picture">
            {stems.map(({ stem }) => (
              <li key={stem} className="inline-flex items-center gap-1.5">
                <span aria-hidden className={`size-2.5 rounded-full ${STEM_FILLS[stem]}`} />
                {STEM_LABELS[stem]}
              </li>
            ))}
          </ul>
        )}
      </div>
      <p id="stage-keys" className="text-muted text-sm pointer-coarse:sr-only">
        Keys, when the picture has the focus: arrows go 5 seconds, with Shift a beat; Page Up and Page Down go from part
        to part; space plays; + and − zoom.
      </p>
    </section>
  );
}

interface LaneOf {
  readonly view: ViewStore;
  readonly analysis: Analysis;
  readonly palette: Palette;
}

function Sections({ player, view, analysis, palette }: LaneOf & { readonly player: Player }) {
  const { sections } = analysis;
  const draw = useMemo(() => drawSections(sections, palette), [sections, palette]);
  const pick = (seconds: number) => player.seek(sections[indexAt(sections, seconds)]?.startSeconds ?? seconds);
  return <Lane view={view} height={26} draw={draw} onPick={pick} className="bg-raised" />;
}

function Backdrop({
  player,
  view,
  analysis,
  palette,
}: Omit<LaneOf, 'analysis'> & Pick<StageProps, 'player' | 'analysis'>) {
  const { loop } = usePlayerState(player);
  const sections = analysis?.sections;
  const draw = useMemo(() => drawBackdrop(sections ?? [], loop, palette), [sections, loop, palette]);
  return <Lane view={view} height={WAVE_HEIGHT} draw={draw} className="absolute top-0 left-0" />;
}

function BeatLane({ view, analysis: { beats }, palette }: LaneOf) {
  const draw = useMemo(() => (beats ? drawBeats(beats, palette) : () => {}), [beats, palette]);
  return <Lane view={view} height={22} draw={draw} className="border-line border-t bg-raised" />;
}

function ChordLane({ player, view, analysis, palette }: LaneOf & { readonly player: Player }) {
  const { chords } = analysis;
  const draw = useMemo(() => drawChords(chords, palette), [chords, palette]);
  const pick = (seconds: number) => player.seek(chords[indexAt(chords, seconds)]?.startSeconds ?? seconds);
  return <Lane view={view} height={26} draw={draw} onPick={pick} className="bg-raised" />;
}

function ActivityLane({
  view,
  active,
  colour,
}: {
  readonly view: ViewStore;
  readonly active: Parameters<typeof drawActivity>[0];
  readonly colour: string;
}) {
  const draw = useMemo(() => drawActivity(active, colour), [active, colour]);
  return <Lane view={view} height={8} draw={draw} className="bg-raised" />;
}

function TimesLane({ view, palette }: Omit<LaneOf, 'analysis'>) {
  const draw = useMemo(() => drawTimes(palette), [palette]);
  return <Lane view={view} height={20} draw={draw} className="border-line border-t" />;
}

/** Stems of which it is known when they play, in the usual order. */
function activeStems(analysis: Analysis | null | undefined) {
  const found = (analysis?.stems ?? []).flatMap(({ stem, active }) =>
    isStemName(stem) && active.length > 0 ? [{ stem, active }] : [],
  );
  return found.sort((a, b) => STEM_NAMES.indexOf(a.stem) - STEM_NAMES.indexOf(b.stem));
}

/** With Ctrl, and so with two fingers on a touchpad, the wheel zooms. */
function useWheelZoom(stage: React.RefObject<HTMLElement | null>, zoomBy: (by: 1 | -1) => void): void {
  useEffect(() => {
    const element = stage.current;
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 1 : -1);
    };
    // The page itself must not zoom with it, which a passive listener could not prevent.
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [stage, zoomBy]);
}
