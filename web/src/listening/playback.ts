import { useEffect, useMemo, useState } from 'react';
import { tracks } from '@/api/clients';
import { TrackFile } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { FlacSource } from './engine/flac_source';
import type { Player } from './engine/player';
import type { PlayerVoice } from './engine/settings';
import type { StemSource } from './engine/source';
import { usePlayer } from './player_hooks';
import { borrow, giveBack } from './shelf';
import type { StemName } from './stem_names';
import { type TrackStems, useTrackStems } from './stems';

/** Playing one track: the song as it was uploaded, or its stems. */
export interface TrackPlayback {
  readonly trackId: string;
  readonly player: Player;
  readonly what: 'song' | 'stems';
  choose(what: 'song' | 'stems'): void;
  readonly stems: TrackStems;
  /** Undefined until the track's shape is known. */
  readonly song: StemSource | undefined;
  readonly muted: ReadonlySet<StemName>;
  readonly soloed: ReadonlySet<StemName>;
  toggle(which: 'mute' | 'solo', type: StemName): void;
}

/**
 * Plays one track for as long as the component is there. The song can be heard before there are stems.
 * `beside`: what sounds with it, such as a metronome.
 */
export function useTrackPlayback(trackId: string, beside: readonly PlayerVoice[] = NOBODY): TrackPlayback {
  const stems = useTrackStems(trackId);
  const song = useSong(stems);
  const [what, choose] = useState<'song' | 'stems'>('song');
  const [muted, setMuted] = useState<ReadonlySet<StemName>>(NONE);
  const [soloed, setSoloed] = useState<ReadonlySet<StemName>>(NONE);
  const voices = useMemo<PlayerVoice[]>(() => {
    if (what === 'song') return song ? [{ ...PLAIN, key: 'song', source: song }] : [];
    return stems.stems.map(({ type, source }) => ({
      ...PLAIN,
      key: type,
      source,
      mute: muted.has(type),
      solo: soloed.has(type),
    }));
  }, [what, song, stems.stems, muted, soloed]);
  const player = usePlayer(useMemo(() => [...voices, ...beside], [voices, beside]));
  const toggle = (which: 'mute' | 'solo', type: StemName) => {
    const change = which === 'mute' ? setMuted : setSoloed;
    change((names) => toggled(names, type));
  };
  return { trackId, player, what, choose, stems, song, muted, soloed, toggle };
}

const NONE: ReadonlySet<StemName> = new Set();
const NOBODY: readonly PlayerVoice[] = [];
const PLAIN = { gainDb: 0, pan: 0, mute: false, solo: false };

function useSong({ trackId, card }: TrackStems): StemSource | undefined {
  const [song, setSong] = useState<StemSource>();
  const frames = card ? Math.round(card.durationSeconds * card.sampleRate) : 0;
  const sampleRate = card?.sampleRate ?? 0;
  const channels = card?.channels ?? 0;
  useEffect(() => {
    if (frames === 0) return;
    const key = `song/${trackId}`;
    const address = async () => (await tracks.getDownloadUrl({ trackId, file: TrackFile.MASTER })).url;
    const source = borrow(key, () => new FlacSource({ frames, sampleRate, channels }, address));
    setSong(source);
    return () => giveBack(key, source);
  }, [trackId, frames, sampleRate, channels]);
  return song;
}

function toggled(names: ReadonlySet<StemName>, name: StemName): ReadonlySet<StemName> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
