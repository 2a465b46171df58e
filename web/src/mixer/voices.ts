import type { PlayerVoice, TrackStems } from '@/listening';
import type { Voice } from './mix';

/** The voices of a mix that can be heard: those whose stems are open. */
export function playedVoices(
  voices: readonly Voice[],
  songs: readonly Pick<TrackStems, 'trackId' | 'stems'>[],
): PlayerVoice[] {
  return voices.flatMap(({ key, trackId, type, gainDb, pan, mute, solo }) => {
    const stem = songs.find((song) => song.trackId === trackId)?.stems.find((one) => one.type === type);
    return stem ? [{ key, source: stem.source, gainDb, pan, mute, solo }] : [];
  });
}
