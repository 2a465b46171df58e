// What other rooms use of listening. Pages import from here alone.

export { FlacSource } from './engine/flac_source';
export { Player } from './engine/player';
export type { Loop, Phase, PlayerState } from './engine/player_state';
export { type RenderOptions, renderOffline } from './engine/rendering';
export type { PlayerVoice } from './engine/settings';
export type { SourceState, StemShape, StemSource } from './engine/source';
export { Meter } from './Meter';
export { MuteSolo } from './MuteSolo';
export { type TrackPlayback, useTrackPlayback } from './playback';
export { usePlayer, usePlayerState, usePosition } from './player_hooks';
export { SourceNotice, useSourceState } from './SourceNotice';
export { STEM_FILLS } from './stem_colours';
export { isStemName, STEM_LABELS, STEM_NAMES, type StemName } from './stem_names';
export { type TrackStem, type TrackStems, useTrackStems, useTracksStems } from './stems';
export { TrackPlayer } from './TrackPlayer';
export { Transport } from './Transport';
export { clock, spoken } from './times';
