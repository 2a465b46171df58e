import { Button } from '@/design';
import { Meter } from './Meter';
import { MuteSolo } from './MuteSolo';
import type { TrackPlayback } from './playback';
import { SourceNotice } from './SourceNotice';
import { STEM_FILLS } from './stem_colours';
import { STEM_LABELS } from './stem_names';
import { Transport } from './Transport';

interface TrackPlayerProps {
  readonly playback: TrackPlayback;
  /** Whether it shows a line of the song; not where a waveform is one. */
  readonly timeline?: boolean;
}

/** Plays a track: the whole song or its stems, each of which can be heard alone or left out. */
export function TrackPlayer({ playback, timeline = true }: TrackPlayerProps) {
  const { player, what, choose, stems, song } = playback;
  const any = stems.stems.length > 0;
  return (
    <div className="flex flex-col gap-4">
      <Transport player={player} timeline={timeline} />
      {any && (
        <fieldset className="flex gap-2">
          <legend className="sr-only">What you hear</legend>
          <Choice chosen={what === 'song'} onChoose={() => choose('song')} words="The song" />
          <Choice
            chosen={what === 'stems'}
            onChoose={() => choose('stems')}
            words={stems.status === 'early' ? 'Its stems, as far as they are made' : 'Its stems'}
          />
        </fieldset>
      )}
      {what === 'song' ? (
        <SourceNotice source={song} name="The song" />
      ) : (
        <ul className="grid gap-3 sm:grid-cols-2">
          {stems.stems.map(({ type, source }) => (
            <li key={type} className="flex flex-col gap-2 rounded-control border border-line p-3">
              <div className="flex items-center justify-between gap-3">
                <span className="font-medium">{STEM_LABELS[type]}</span>
                <MuteSolo
                  name={STEM_LABELS[type]}
                  mute={playback.muted.has(type)}
                  solo={playback.soloed.has(type)}
                  onMute={() => playback.toggle('mute', type)}
                  onSolo={() => playback.toggle('solo', type)}
                />
              </div>
              <Meter player={player} voice={type} filled={STEM_FILLS[type]} />
              <SourceNotice source={source} name={STEM_LABELS[type]} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Choice({
  chosen,
  onChoose,
  words,
}: {
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly words: string;
}) {
  return (
    <Button
      size="small"
      aria-pressed={chosen}
      onClick={onChoose}
      className="aria-pressed:border-accent aria-pressed:bg-accent-soft"
    >
      {words}
    </Button>
  );
}
