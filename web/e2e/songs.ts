import { join } from 'node:path';
import { env } from './env';

/** A song of six seconds, FLAC, with voice: MUSDB's example. */
export const shortSong = (): string => join(env('PUREMUSIC_SONGS'), 'falcon.flac');
/** Twelve seconds of another, as an MP3. */
export const otherSong = (): string => join(env('PUREMUSIC_SONGS'), 'machine-wars.mp3');
/** A file with the name of a song that holds none. */
export const noSong = (): string => join(env('PUREMUSIC_SONGS'), 'not-music.mp3');
/** A minute of that song, in which parts and chords are told apart. */
export const longSong = (): string => join(env('PUREMUSIC_SONGS'), 'machine-wars-minute.mp3');
