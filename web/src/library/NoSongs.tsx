import { Music2 } from 'lucide-react';
import { EmptyState } from '@/design';
import { BringSongsButton } from '@/uploads';

/** The library before the first song: what happens here, and how to begin. */
export function NoSongs({ onTheirWay }: { readonly onTheirWay: number }) {
  if (onTheirWay > 0) {
    return (
      <p className="py-8 text-center text-muted">
        Your {onTheirWay === 1 ? 'song appears' : 'songs appear'} here as soon as all of it has arrived.
      </p>
    );
  }
  return (
    <EmptyState icon={Music2} title="Bring two songs" action={<BringSongsButton size="large" label="Choose songs" />}>
      <p>
        Drop them anywhere on this page, or choose them. Each is taken apart into voice, drums, bass and the rest; then
        you pick the parts that you like and fuse them into a new song.
      </p>
      <p className="mt-3 text-sm">WAV, FLAC, MP3, OGG, Opus, AIFF or M4A; up to 200 MB and 15 minutes each.</p>
    </EmptyState>
  );
}
