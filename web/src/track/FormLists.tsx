import { Repeat } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Analysis, Chord, Passage, Section } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Button, cx, Icon, Tabs } from '@/design';
import { clock, type Player, usePlayerState } from '@/listening';
import { sureness } from './confidence';
import { sectionColour } from './stage/palette';

interface FormListsProps {
  readonly analysis: Analysis;
  readonly player: Player;
}

/** The same as in the picture, in words: parts, chords and hard passages, each a button that leads there. */
export function FormLists({ analysis, player }: FormListsProps) {
  const { sections, chords, passages } = analysis;
  const tabs = [
    ...(sections.length > 0
      ? [{ key: 'parts', label: 'Parts', content: <Parts sections={sections} player={player} /> }]
      : []),
    ...(chords.length > 0
      ? [{ key: 'chords', label: 'Chords', content: <Chords chords={chords} player={player} /> }]
      : []),
    ...(passages.length > 0
      ? [{ key: 'passages', label: 'Hard passages', content: <Passages passages={passages} player={player} /> }]
      : []),
  ];
  if (tabs.length === 0) return null;
  return <Tabs label="The song in words" tabs={tabs} />;
}

function Parts({ sections, player }: { readonly sections: readonly Section[]; readonly player: Player }) {
  return (
    <ol className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
      {sections.map((section) => (
        <Place
          key={section.startSeconds}
          player={player}
          start={section.startSeconds}
          end={section.endSeconds}
          name={`part ${section.label}`}
          mark={
            <span
              aria-hidden
              className="size-3.5 shrink-0 rounded-sm"
              style={{
                backgroundColor: `light-dark(${sectionColour(section.label, false)}, ${sectionColour(section.label, true)})`,
              }}
            />
          }
        >
          <span className="font-semibold">Part {section.label}</span>
          <span className="text-muted text-sm">
            {section.bars > 0 && `${section.bars} bar${section.bars === 1 ? '' : 's'}`}
            {section.confidence < 0.5 && `, ${sureness(section.confidence).words.toLowerCase()} that it begins here`}
          </span>
        </Place>
      ))}
    </ol>
  );
}

const SHOWN_CHORDS = 60;

function Chords({ chords, player }: { readonly chords: readonly Chord[]; readonly player: Player }) {
  const [all, setAll] = useState(false);
  const sounding = chords.filter((chord) => chord.root !== undefined);
  const shown = all ? sounding : sounding.slice(0, SHOWN_CHORDS);
  return (
    <>
      <ol className="flex flex-wrap gap-1.5">
        {shown.map((chord) => (
          <li key={chord.startSeconds}>
            <Button size="small" onClick={() => player.seek(chord.startSeconds)}>
              {chord.name}
              <span className="font-normal text-muted text-sm tabular-nums">{clock(chord.startSeconds)}</span>
            </Button>
          </li>
        ))}
      </ol>
      {!all && sounding.length > SHOWN_CHORDS && (
        <Button className="mt-3" size="small" variant="quiet" onClick={() => setAll(true)}>
          Show all {sounding.length} chords
        </Button>
      )}
    </>
  );
}

function Passages({ passages, player }: { readonly passages: readonly Passage[]; readonly player: Player }) {
  return (
    <>
      <p className="mb-3 max-w-prose text-muted">
        The places that are hardest to play, hardest first. Loop one, turn the speed down, and practise.
      </p>
      <ol className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
        {passages.map((passage, at) => (
          <Place
            key={passage.startSeconds}
            player={player}
            start={passage.startSeconds}
            end={passage.endSeconds}
            name={`passage ${at + 1}`}
          >
            <span className="font-semibold">Passage {at + 1}</span>
            <span className="text-muted text-sm">{reasonWords(passage)}</span>
          </Place>
        ))}
      </ol>
    </>
  );
}

interface PlaceProps {
  readonly player: Player;
  readonly start: number;
  readonly end: number;
  /** For screen readers: `part A`. */
  readonly name: string;
  readonly mark?: ReactNode;
  readonly children: ReactNode;
}

/** A stretch of the song: go there, or hear it again and again. */
function Place({ player, start, end, name, mark, children }: PlaceProps) {
  const { loop } = usePlayerState(player);
  const looped = loop !== null && Math.abs(loop.start - start) < 0.01 && Math.abs(loop.end - end) < 0.01;
  return (
    <li className={cx('flex items-stretch rounded-control border bg-raised', looped ? 'border-accent' : 'border-line')}>
      <button
        type="button"
        onClick={() => player.seek(start)}
        className="flex min-h-11 min-w-0 flex-1 items-center gap-3 rounded-l-control px-3 py-1.5 text-left hover:bg-ink/8"
      >
        {mark}
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2.5">{children}</span>
        <span className="text-muted tabular-nums">{clock(start)}</span>
      </button>
      <Button
        variant="quiet"
        className="rounded-l-none border-line border-l aria-pressed:bg-accent-soft aria-pressed:text-accent"
        aria-pressed={looped}
        aria-label={`Loop ${name}`}
        onClick={() => player.setLoop(looped ? null : { start, end })}
      >
        <Icon of={Repeat} />
      </Button>
    </li>
  );
}

function reasonWords({ onsetDensity, harmonicChange, spectralComplexity }: Passage): string {
  const most = Math.max(onsetDensity, harmonicChange, spectralComplexity);
  if (most === onsetDensity) return 'many notes';
  return most === harmonicChange ? 'chords change fast' : 'much at once';
}
