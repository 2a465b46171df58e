import { Play, SlidersHorizontal, Square } from 'lucide-react';
import { memo } from 'react';
import { failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Badge, Button, Checkbox, Icon, LinkButton, Spinner, showToast, VisuallyHidden } from '@/design';
import { useMix } from '@/mixer/mix';
import { useArrived } from '@/uploads';
import { addToMix, renameSong } from './deeds';
import { listenTo, stopListening, useQuickListen } from './quick_listen';
import { RowTitle } from './RowTitle';
import { SongFacts } from './SongFacts';
import { SongMenu } from './SongMenu';
import { SongWork } from './SongWork';
import { select, useSelection } from './selection';
import { standingOf } from './standing';
import type { TrackJobs } from './track_jobs';

interface SongRowProps {
  readonly card: TrackCard;
  readonly jobs: TrackJobs | undefined;
}

/** One song: what it is, how it stands, and what can be done with it. */
export const SongRow = memo(function SongRow({ card, jobs }: SongRowProps) {
  const { trackId, title } = card;
  const arrived = useArrived().has(trackId);
  const selected = useSelection((state) => state.trackIds.has(trackId));
  const standing = standingOf(card, jobs, arrived);
  return (
    <article aria-label={title} className="group/row border-line border-b px-3 py-3.5 sm:px-5">
      <div className="flex items-center gap-x-3 sm:gap-x-4">
        <Checkbox
          label={<VisuallyHidden>Choose {title}</VisuallyHidden>}
          checked={selected}
          onChange={(on) => select(trackId, on)}
        />
        <ListenButton card={card} />
        <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] items-center gap-x-6 gap-y-1 md:grid-cols-[minmax(0,1fr)_auto]">
          <div className="min-w-0">
            <RowTitle title={title} href={`/tracks/${trackId}`} onRename={(next) => renameSong(trackId, next)} />
            <SongFacts card={card} />
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Badge tone={standing.tone} className="whitespace-normal!">
              {standing.label}
            </Badge>
            <MixButton card={card} />
          </div>
        </div>
        <SongMenu card={card} />
      </div>
      <SongWork card={card} standing={standing} />
    </article>
  );
});

function ListenButton({ card: { trackId, title, durationSeconds } }: { readonly card: TrackCard }) {
  const state = useQuickListen((listen) => (listen.trackId === trackId ? listen.state : 'off'));
  const press = async () => {
    if (state !== 'off') return stopListening();
    try {
      await listenTo(trackId);
    } catch (error) {
      showToast({ kind: 'error', text: `“${title}” can’t be played right now. ${failureOf(error).message}` });
    }
  };
  return (
    <Button
      aria-label={state === 'off' ? `Play ${title}` : `Stop ${title}`}
      disabled={durationSeconds === 0}
      onClick={() => void press()}
      className="size-10 min-h-0 rounded-full px-0 pointer-coarse:size-11"
    >
      {state === 'loading' ? (
        <Spinner />
      ) : (
        <Icon of={state === 'off' ? Play : Square} className={state === 'off' ? 'ml-0.5' : ''} />
      )}
    </Button>
  );
}

function MixButton({ card }: { readonly card: TrackCard }) {
  const inMix = useMix((mix) => mix.voices.some((voice) => voice.trackId === card.trackId));
  if (card.stems.length === 0) return null;
  if (inMix) {
    return (
      <LinkButton
        href="/mix"
        variant="quiet"
        size="small"
        aria-label={`In your mix: ${card.title}`}
        className="text-accent"
      >
        <Icon of={SlidersHorizontal} />
        In your mix
      </LinkButton>
    );
  }
  return (
    <Button size="small" onClick={() => addToMix(card)} aria-label={`Add to mix: ${card.title}`}>
      <Icon of={SlidersHorizontal} />
      Add to mix
    </Button>
  );
}
