import { ArrowRight, AudioLines, Keyboard } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Button, Card, ConfirmDialog, EmptyState, Field, Icon, LinkButton, TextInput } from '@/design';
import { Meter, Transport, usePlayer, useTracksStems } from '@/listening';
import { AboutStems } from './AboutStems';
import { AddSong } from './AddSong';
import { perform } from './deeds';
import { useMix } from './mix';
import { ShortcutsHelp } from './ShortcutsHelp';
import { SongRow } from './SongRow';
import { useSettledMix } from './settling';
import { actionOf } from './shortcuts';
import { playedVoices } from './voices';

/** The mix: stems of songs, heard together, each as loud and where one likes. */
export default function MixPage() {
  const mix = useMix();
  const trackIds = useMemo(() => [...new Set(mix.voices.map((voice) => voice.trackId))], [mix.voices]);
  const songs = useTracksStems(trackIds);
  useSettledMix(songs);
  const stems = useStable(songs.map((song) => song.stems));
  const voices = useMemo(
    () =>
      playedVoices(
        mix.voices,
        trackIds.map((trackId, i) => ({ trackId, stems: stems[i] ?? [] })),
      ),
    [mix.voices, trackIds, stems],
  );
  const player = usePlayer(voices);
  const [chosen, setChosen] = useState<string>();
  const [help, setHelp] = useState(false);
  const [emptying, setEmptying] = useState(false);
  const song = trackIds.find((id) => id === chosen) ?? trackIds[0];

  useEffect(() => {
    const { volumeDb, speed, loop } = useMix.getState();
    player.setVolume(volumeDb);
    player.setSpeed(speed);
    player.setLoop(loop);
  }, [player]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = useMix.getState().shortcuts ? actionOf(event) : undefined;
      if (!action) return;
      event.preventDefault();
      const chooseSong = (by: 1 | -1) => {
        const at = song === undefined ? 0 : trackIds.indexOf(song);
        setChosen(trackIds[(at + by + trackIds.length) % trackIds.length]);
      };
      perform(action, player, { song, chooseSong, help: () => setHelp(true) });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [player, song, trackIds]);

  return (
    <div className="flex flex-col gap-5">
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <h1 className="text-3xl">Mix</h1>
        <div className="flex flex-wrap gap-2">
          <AddSong />
          <Button onClick={() => setHelp(true)}>
            <Icon of={Keyboard} />
            Keys
          </Button>
          {trackIds.length > 0 && (
            <LinkButton href="/fuse" variant="primary">
              Next: match and fuse
              <Icon of={ArrowRight} />
            </LinkButton>
          )}
        </div>
      </header>
      <ShortcutsHelp open={help} onOpenChange={setHelp} />
      {trackIds.length === 0 ? (
        <EmptyState
          icon={AudioLines}
          title="Pick the parts you like"
          action={
            <LinkButton href="/library" variant="primary">
              Pick songs in the library
            </LinkButton>
          }
        >
          <p>
            Here you hear stems of several songs together: the singing of one over the drums of another. Add a song,
            then choose for each of its stems whether it is heard, how loud, and where.
          </p>
        </EmptyState>
      ) : (
        <>
          <Card className="z-20 flex flex-col gap-2 p-3 sm:p-4 md:sticky md:top-14">
            <Transport player={player} onListen={mix.listen} />
            <Meter player={player} />
          </Card>
          {trackIds.length > 1 && (
            <p className="max-w-prose text-muted">
              The songs start together here and keep their own tempo and key, so they will not fit yet. In the next step
              they are brought together, beat on beat.
            </p>
          )}
          {songs.map((one) => (
            <SongRow
              key={one.trackId}
              player={player}
              song={one}
              voices={mix.voices.filter((voice) => voice.trackId === one.trackId)}
              chosen={one.trackId === song}
              onChoose={() => setChosen(one.trackId)}
            />
          ))}
          <div className="flex flex-wrap items-end gap-4">
            <Field label="Name of the mix" className="w-80 max-w-full">
              <TextInput value={mix.title} maxLength={200} onChange={(event) => mix.rename(event.target.value)} />
            </Field>
            <Button variant="quiet" onClick={() => setEmptying(true)}>
              Empty the mix
            </Button>
            <ConfirmDialog
              open={emptying}
              onOpenChange={setEmptying}
              title="Empty the mix?"
              confirm="Empty it"
              onConfirm={() => {
                mix.clear();
                setEmptying(false);
              }}
            >
              What you chose and how you set it is gone then. Songs and stems stay in your library.
            </ConfirmDialog>
          </div>
          <AboutStems models={[...new Set(stems.flat().map((stem) => stem.model))]} />
        </>
      )}
    </div>
  );
}

/** The same array as long as its items are the same. */
function useStable<T>(items: readonly T[]): readonly T[] {
  const [kept, setKept] = useState(items);
  const same = kept.length === items.length && kept.every((item, i) => item === items[i]);
  if (!same) setKept(items);
  return same ? kept : items;
}
