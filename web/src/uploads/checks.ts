import { mediaDuration } from './media_duration';
import { containerOf, foreignKindOf, HEAD_BYTES } from './signatures';

/** The most bytes a song may have. */
export const MOST_BYTES = 200_000_000;
/** The longest a song may last, seconds. */
export const MOST_SECONDS = 15 * 60;
/** What a file dialog offers. */
export const ACCEPTED = 'audio/*,.wav,.flac,.mp3,.ogg,.oga,.opus,.aif,.aiff,.m4a,.mp4,.aac';

const TAKEN = 'WAV, FLAC, MP3, OGG, Opus, AIFF or M4A';
// Browsers guess the length of some MP3s; what is this little above is left to the API.
const GUESS = 1.02;

/** Why a file can't be uploaded as it is. */
export interface Problem {
  readonly reason: 'UNREADABLE' | 'EMPTY' | 'FILE_TOO_LARGE' | 'NOT_AUDIO' | 'UNSUPPORTED_FORMAT' | 'TOO_LONG';
  /** For a person: what is wrong and what to do. */
  readonly message: string;
}

/** Says what is wrong with a file before anything of it is sent; undefined: nothing that can be seen from here. */
export async function checkFile(file: File, durationOf = mediaDuration): Promise<Problem | undefined> {
  if (file.size > MOST_BYTES) return tooLarge(file);
  const head = await headOf(file);
  if (!head) return UNREADABLE;
  if (head.length === 0) return EMPTY;
  if (!containerOf(head)) return notTaken(head, file.name);
  const seconds = await durationOf(file);
  if (seconds !== undefined && seconds > MOST_SECONDS * GUESS) return tooLong(seconds);
  return undefined;
}

const UNREADABLE: Problem = {
  reason: 'UNREADABLE',
  message:
    'This can’t be read. If it is a folder, open it and choose the songs inside; else check that the file is still there.',
};

const EMPTY: Problem = {
  reason: 'EMPTY',
  message: 'The file is empty. Check that it plays on your device, then choose it again.',
};

function tooLarge(file: File): Problem {
  const size = Math.ceil(file.size / 1e6);
  return {
    reason: 'FILE_TOO_LARGE',
    message: `The file has ${size} MB, and at most ${MOST_BYTES / 1e6} MB are taken. Save the song as FLAC or MP3, or take a shorter part of it.`,
  };
}

function notTaken(head: Uint8Array, name: string): Problem {
  const kind = foreignKindOf(head);
  if (kind) {
    return { reason: 'UNSUPPORTED_FORMAT', message: `This is ${kind}. Choose the song as ${TAKEN}.` };
  }
  const ending = /\.(wav|flac|mp3|ogg|oga|opus|aiff?|m4a|aac)$/i.exec(name)?.[1];
  const found = ending
    ? `It is called ${ending.toUpperCase()}, but there is no sound in it`
    : 'There is no sound in it that we know';
  return { reason: 'NOT_AUDIO', message: `This is not a song. ${found}. Choose a ${TAKEN} file.` };
}

function tooLong(seconds: number): Problem {
  const minutes = Math.floor(seconds / 60);
  return {
    reason: 'TOO_LONG',
    message: `The song lasts ${minutes} minutes, and at most ${MOST_SECONDS / 60} are taken. Choose a shorter part of it.`,
  };
}

async function headOf(file: File): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    return undefined;
  }
}
