// What other rooms use of listening. Pages import from here alone.

export {
  type Loop,
  Player,
  type PlayerState,
  type PlayerVoice,
  type Phase,
} from './engine/player';
export { renderOffline } from './engine/rendering';
export { type SourceState, type StemShape, type StemSource } from './engine/source';
export { FlacSource } from './engine/flac-source';
export { Meter } from './Meter';
export { type TrackPlayback, useTrackPlayback } from './playback';
export { usePlayer, usePlayerState, usePosition } from './player-hooks';
export { type StemName, STEM_LABELS, STEM_NAMES } from './stem-names';
export { type TrackStem, type TrackStems, useTrackStems, useTracksStems } from './stems';
export { TrackPlayer } from './TrackPlayer';
export { Transport } from './Transport';
