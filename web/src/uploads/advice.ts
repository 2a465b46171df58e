import type { Failure } from '@/api/failures';

// What the API's own sentences leave open: what to do here, on this page.
const ADVICE: Readonly<Record<string, string>> = {
  TRACK_QUOTA: 'Delete a song in your library that you don’t need, then press “Try again”.',
  STORAGE_QUOTA: 'Delete songs in your library that you don’t need, then press “Try again”.',
  CONTENT_BLOCKED: 'Cancel this upload and bring another song.',
  FILE_TOO_LARGE: 'Cancel this upload, save the song as FLAC or MP3, and bring that.',
  TRACK_NOT_FOUND: 'It was deleted, or not finished within a day. “Try again” sends it from the beginning.',
  TOO_MANY_JOBS: 'All of it has arrived; it goes on by itself when another song is done.',
  RATE_LIMITED: 'It goes on by itself in a moment.',
  IDEMPOTENCY_CONFLICT: 'Cancel this upload and bring the file again.',
  CONTENT_MISMATCH: 'Cancel this upload and bring the file again.',
};

/** What to do about a failed upload, where the failure's own message does not say it. */
export function adviceOn({ reason }: Failure): string {
  return ADVICE[reason] ?? '';
}
