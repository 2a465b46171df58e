import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { VisuallyHidden } from '@/design';
import { keyWords, lengthWords, tempoWords } from './facts';

/** What is known of a song, in a line: length, tempo, key with its place on the Camelot wheel. */
export function SongFacts({ card }: { readonly card: TrackCard }) {
  const tempo = tempoWords(card);
  const key = keyWords(card);
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-muted text-sm tabular-nums">
      {card.durationSeconds > 0 && (
        <span>
          <VisuallyHidden>Length </VisuallyHidden>
          {lengthWords(card.durationSeconds)}
        </span>
      )}
      {tempo && <span>{tempo}</span>}
      {key && (
        <span className="inline-flex items-center gap-1.5">
          {key}
          <span className="rounded border border-line px-1.5 font-medium text-ink text-xs leading-5">
            <VisuallyHidden>Camelot </VisuallyHidden>
            {card.camelot}
          </span>
        </span>
      )}
    </p>
  );
}
