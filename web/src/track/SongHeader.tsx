import { ArrowLeft } from 'lucide-react';
import { Link } from 'wouter';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Icon } from '@/design';
import { clock } from '@/listening';
import { SongTitle } from './SongTitle';
import { rateWords, sizeWords } from './words';

/** What song this is. */
export function SongHeader({ card }: { readonly card: TrackCard }) {
  const facts = [
    card.originalFilename,
    ...(card.durationSeconds > 0 ? [clock(card.durationSeconds)] : []),
    ...(card.sampleRate > 0 ? [rateWords(card.sampleRate, card.channels)] : []),
    ...(card.sizeBytes > 0n ? [sizeWords(card.sizeBytes)] : []),
  ];
  return (
    <header className="flex flex-col gap-1.5">
      <Link
        href="/library"
        className="inline-flex min-h-8 items-center gap-1.5 self-start font-medium text-accent underline-offset-4 hover:underline"
      >
        <Icon of={ArrowLeft} />
        Library
      </Link>
      <SongTitle card={card} />
      <p className="break-words text-muted">{facts.join(' · ')}</p>
    </header>
  );
}
