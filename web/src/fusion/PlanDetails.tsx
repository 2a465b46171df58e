import { CircleAlert } from 'lucide-react';
import type { Plan } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Icon } from '@/design';
import { type Songs, titleOf } from './songs';
import { collisionWords, trackWords } from './words';

/** What a plan does to each song. */
export function TrackLines({ plan, songs }: { readonly plan: Plan; readonly songs: Songs }) {
  return (
    <ul className="flex flex-col gap-2">
      {plan.tracks.map((track) => (
        <li key={track.trackId} className="min-w-0">
          <span className="font-medium">{titleOf(songs, track.trackId)}</span>{' '}
          <span className="text-muted">{trackWords(track).join(', ')}</span>
        </li>
      ))}
    </ul>
  );
}

/** What may be heard as a flaw or could not be done, and where two of a kind meet. */
export function warningsOf({ warnings, collisions }: Plan): string[] {
  return [...warnings.map(({ message }) => message), ...collisions.map(collisionWords)];
}

/** What there is to know before one decides, always in full. */
export function PlanWarnings({ lines }: { readonly lines: readonly string[] }) {
  if (!lines.length) return null;
  return (
    <ul className="flex flex-col gap-1.5">
      {lines.map((line) => (
        <li key={line} className="flex gap-2 text-sm">
          <Icon of={CircleAlert} label="Note" className="mt-0.5 size-4 text-warning" />
          <span className="min-w-0">{line}</span>
        </li>
      ))}
    </ul>
  );
}

/** Why it was decided so. */
export function PlanReasons({ plan }: { readonly plan: Plan }) {
  return (
    <ul className="flex list-disc flex-col gap-1 pl-5 text-muted text-sm">
      {plan.reasons.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  );
}
