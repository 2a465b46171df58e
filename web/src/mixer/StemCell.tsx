import { Plus, RotateCcw, X } from 'lucide-react';
import { memo } from 'react';
import { Badge, Button, cx, Icon, Progress, Slider, Tooltip } from '@/design';
import {
  Meter,
  MuteSolo,
  type Player,
  SourceNotice,
  STEM_FILLS,
  STEM_LABELS,
  STEM_NAMES,
  type StemName,
  type TrackStem,
  useSourceState,
} from '@/listening';
import { useMix, type Voice } from './mix';
import { gainWords, panWords } from './words';

interface StemCellProps {
  readonly player: Player;
  readonly voice: Voice;
  /** Undefined until it is known, and where the song has no such stem (any more). */
  readonly stem: TrackStem | undefined;
  /** Whether the song's stems are known. */
  readonly known: boolean;
  readonly songTitle: string;
}

/**
 * One stem of a song in the mix, and everything that can be done to it. Of all cells only the one that is changed is drawn
 * anew: a fader is to follow the hand on slow computers too.
 */
export const StemCell = memo(function StemCell({ player, voice, stem, known, songTitle }: StemCellProps) {
  const change = useMix((mix) => mix.change);
  const remove = useMix((mix) => mix.remove);
  const name = `${STEM_LABELS[voice.type]} of ${songTitle}`;
  const changed = voice.gainDb !== 0 || voice.pan !== 0;
  return (
    <li
      className={cx(
        'flex flex-col gap-2.5 rounded-card border border-line bg-raised p-3.5',
        voice.mute ? 'bg-sunken' : 'bg-raised',
      )}
    >
      <div className="flex items-center gap-2">
        <span className={cx('size-3 shrink-0 rounded-full', STEM_FILLS[voice.type])} />
        <h3 className="flex-1 text-lg">{STEM_LABELS[voice.type]}</h3>
        {stem?.early && <Badge tone="accent">being made</Badge>}
        {changed && (
          <Tooltip text="Level and place as they were">
            <Button
              variant="quiet"
              size="small"
              aria-label={`Reset ${name}`}
              onClick={() => change(voice.key, { gainDb: 0, pan: 0 })}
            >
              <Icon of={RotateCcw} />
            </Button>
          </Tooltip>
        )}
        <Button variant="quiet" size="small" aria-label={`Remove ${name}`} onClick={() => remove(voice.key)}>
          <Icon of={X} />
        </Button>
      </div>
      {known && !stem ? (
        <p className="text-muted">This song has no such stem any more. Remove it from the mix.</p>
      ) : (
        <>
          <MuteSolo
            name={name}
            mute={voice.mute}
            solo={voice.solo}
            onMute={() => change(voice.key, { mute: !voice.mute })}
            onSolo={() => change(voice.key, { solo: !voice.solo })}
            keyHint={String(STEM_NAMES.indexOf(voice.type) + 1)}
          />
          <Fader
            words="Level"
            label={`Level of ${name}`}
            value={voice.gainDb}
            min={-60}
            max={12}
            step={0.5}
            format={gainWords}
            onChange={(gainDb) => change(voice.key, { gainDb })}
            type={voice.type}
          />
          <Fader
            words="Pan"
            label={`Left or right of ${name}`}
            value={voice.pan}
            min={-1}
            max={1}
            step={0.05}
            format={panWords}
            onChange={(pan) => change(voice.key, { pan: Math.round(pan * 100) / 100 })}
            type={voice.type}
          />
          <Meter player={player} voice={voice.key} filled={STEM_FILLS[voice.type]} />
          <Loading stem={stem} name={name} />
          <SourceNotice source={stem?.source} name={name} />
        </>
      )}
    </li>
  );
});

interface FaderProps {
  readonly words: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly format: (value: number) => string;
  readonly onChange: (value: number) => void;
  readonly type: StemName;
}

function Fader({ words, format, value, type, ...slider }: FaderProps) {
  return (
    <div className="grid grid-cols-[2.75rem_1fr_5.5rem] items-center gap-2">
      <span aria-hidden className="text-muted text-sm">
        {words}
      </span>
      <Slider
        {...slider}
        value={value}
        format={format}
        filled={words === 'Level' ? STEM_FILLS[type] : 'bg-transparent'}
      />
      <span aria-hidden className="whitespace-nowrap text-right text-sm tabular-nums">
        {format(value)}
      </span>
    </div>
  );
}

function Loading({ stem, name }: { readonly stem: TrackStem | undefined; readonly name: string }) {
  const state = useSourceState(stem?.source);
  if (!stem || stem.early || state?.kind !== 'loading') return null;
  return <Progress label={`Loading ${name}`} value={state.share} className="h-1" />;
}

/** A stem of the song that is not in the mix. */
export function AbsentStem({
  type,
  songTitle,
  onAdd,
}: {
  readonly type: StemName;
  readonly songTitle: string;
  readonly onAdd: () => void;
}) {
  return (
    <li className="grid min-h-20 place-items-center rounded-card border border-line border-dashed p-3.5">
      <Button variant="quiet" onClick={onAdd} aria-label={`Add ${STEM_LABELS[type]} of ${songTitle}`}>
        <Icon of={Plus} />
        {STEM_LABELS[type]}
      </Button>
    </li>
  );
}
