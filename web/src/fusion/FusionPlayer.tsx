import { useRef, useState } from 'react';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Button, Card, Notice, Skeleton } from '@/design';
import { usePlayAddress } from './address';
import { useHeard, usePlaying } from './audio';
import { type Original, useOriginals, usePlaces } from './comparing';
import { playedOf } from './formats';
import { PlayBar } from './PlayBar';
import { Radios } from './Radios';
import { type Songs, titleOf } from './songs';
import { Waveform } from './Waveform';

const FUSION = '';

interface FusionPlayerProps {
  readonly fusion: Fusion;
  readonly songs: Songs;
}

/** Plays the song, and the songs it was made of for comparison, each at the place that is just heard. */
export function FusionPlayer({ fusion, songs }: FusionPlayerProps) {
  const format = playedOf(
    (fusion.result?.files ?? []).map((file) => file.format),
    (type) => document.createElement('audio').canPlayType(type) !== '',
  );
  const address = usePlayAddress(fusion.fusionId, format?.number);
  const trackIds = [...new Set(fusion.stems.filter(({ mute }) => !mute).map(({ trackId }) => trackId))];
  const originals = useOriginals(trackIds, true);
  if (!format) {
    return (
      <Notice title="It can’t be played here">
        This song was made only as files for other programs. Download it to listen, or make a variation with MP3.
      </Notice>
    );
  }
  if (address.isError) {
    return (
      <Notice
        kind="error"
        action={
          <Button size="small" busy={address.isFetching} onClick={() => void address.refetch()}>
            Try again
          </Button>
        }
      >
        The song could not be fetched.
      </Notice>
    );
  }
  if (!address.data) return <Skeleton className="h-56" />;
  return (
    <Decks
      fusion={fusion}
      songs={songs}
      url={address.data}
      originals={trackIds.flatMap((trackId) => originals.get(trackId) ?? [])}
      onBroken={() => void address.refetch()}
    />
  );
}

interface DecksProps extends FusionPlayerProps {
  readonly url: string;
  readonly originals: readonly Original[];
  readonly onBroken: () => void;
}

function Decks({ fusion, songs, url, originals, onBroken }: DecksProps) {
  const [chosen, setChosen] = useState(FUSION);
  const original = originals.find(({ trackId }) => trackId === chosen);
  const places = usePlaces(fusion);
  const audio = useRef<HTMLAudioElement>(null);
  const heard = useHeard(audio, chosen);
  const { play, toggle, seek } = usePlaying(audio);
  const going = useRef<{ place: number; playing: boolean }>(undefined);
  const source = original?.url ?? url;
  const label = original ? `“${titleOf(songs, original.trackId)}”` : `“${fusion.title}”`;
  const change = (next: string) => {
    const now = audio.current?.currentTime ?? 0;
    const inSong = original ? (places?.ofSong(original.trackId, now, now) ?? 0) : now;
    const place = next === FUSION ? inSong : (places?.ofSource(next, inSong) ?? 0);
    going.current = { place, playing: heard.playing };
    setChosen(next);
  };
  const arrive = () => {
    if (!going.current) return;
    const { place, playing } = going.current;
    going.current = undefined;
    seek(place);
    if (playing) play();
  };
  return (
    <Card className="flex flex-col gap-5">
      {/* biome-ignore lint/a11y/useMediaCaption: music that a person has just made has no captions */}
      <audio key={source} ref={audio} src={source} preload="metadata" onLoadedMetadata={arrive} />
      <Waveform
        key={`wave ${source}`}
        audio={audio}
        url={source}
        peaks={original?.peaks}
        duration={original?.duration}
      />
      <PlayBar label={label} {...heard} onToggle={toggle} onSeek={seek} />
      {heard.broken && (
        <Notice
          kind="error"
          action={
            <Button size="small" onClick={onBroken}>
              Try again
            </Button>
          }
        >
          It could not be played.
        </Notice>
      )}
      {originals.length > 0 && (
        <div className="flex flex-col gap-2">
          <Radios
            legend="Before and after"
            value={original ? chosen : FUSION}
            options={[
              { value: FUSION, label: 'The fused song' },
              ...originals.map(({ trackId }) => ({
                value: trackId,
                label: `“${titleOf(songs, trackId)}” as you brought it`,
              })),
            ]}
            onChange={change}
            className="sm:grid-cols-2 xl:grid-cols-3"
          />
          <p className="text-muted text-sm">
            The songs you brought are played untouched and whole, not their stems, at their own loudness. Changing over
            goes to the same place of the music.
          </p>
        </div>
      )}
    </Card>
  );
}
