import { Trash2 } from 'lucide-react';
import { Link } from 'wouter';
import { Badge, Button, cx, Icon, LinkButton, Notice, Skeleton } from '@/design';
import { type Player, STEM_NAMES, type TrackStems } from '@/listening';
import { useMix, type Voice } from './mix';
import { AbsentStem, StemCell } from './StemCell';

interface SongRowProps {
  readonly player: Player;
  readonly song: TrackStems;
  readonly voices: readonly Voice[];
  /** Whether the number keys are for this song. */
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

/** One song of the mix: its stems side by side, or one under the other where there is no room. */
export function SongRow({ player, song, voices, chosen, onChoose }: SongRowProps) {
  const add = useMix((mix) => mix.add);
  const removeTrack = useMix((mix) => mix.removeTrack);
  const { trackId, card, stems, status } = song;
  const title = card?.title || 'This song';
  const known = status === 'ready' || status === 'early' || status === 'none';
  const cells = STEM_NAMES.filter(
    (type) => voices.some((voice) => voice.type === type) || stems.some((stem) => stem.type === type),
  );
  return (
    <section
      aria-label={title}
      onFocusCapture={onChoose}
      onPointerDownCapture={onChoose}
      className={cx(
        'rounded-card border p-3 sm:p-4',
        // What gets the focus must not hide under the player, which stays in sight.
        'md:[&_[role=slider]]:scroll-mt-64 md:[&_a]:scroll-mt-64 md:[&_button]:scroll-mt-64',
        chosen ? 'border-accent bg-accent-soft/40' : 'border-line',
      )}
    >
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        {card ? (
          <h2 className="min-w-0 text-xl">
            <Link href={`/tracks/${trackId}`} className="underline-offset-4 hover:underline">
              {title}
            </Link>
          </h2>
        ) : (
          status === 'loading' && <Skeleton className="h-7 w-48" />
        )}
        {card?.tempoBpm !== undefined && <Badge>{Math.round(card.tempoBpm)} BPM</Badge>}
        {card?.key && <Badge>{card.camelot ? `${card.key} · ${card.camelot}` : card.key}</Badge>}
        {chosen && <Badge tone="accent">keys 1–6</Badge>}
        <Button
          variant="quiet"
          size="small"
          className="ml-auto"
          aria-label={`Remove ${title} from the mix`}
          onClick={() => removeTrack(trackId)}
        >
          <Icon of={Trash2} />
          Remove
        </Button>
      </div>
      <Standing song={song} title={title} />
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {cells.map((type) => {
          const voice = voices.find((one) => one.type === type);
          const stem = stems.find((one) => one.type === type);
          if (!voice) return <AbsentStem key={type} type={type} songTitle={title} onAdd={() => add(trackId, type)} />;
          return <StemCell key={type} player={player} voice={voice} stem={stem} known={known} songTitle={title} />;
        })}
      </ul>
    </section>
  );
}

/** What has to be said about a song before its stems can be heard. */
function Standing({ song, title }: { readonly song: TrackStems; readonly title: string }) {
  const { status, failure, trackId } = song;
  if (status === 'failed' && failure) {
    const again = (
      <Button size="small" onClick={song.retry}>
        Try again
      </Button>
    );
    return (
      <Notice kind="error" className="mb-3" action={again}>
        {failure.message}
      </Notice>
    );
  }
  if (status === 'none') {
    return (
      <Notice
        kind="warning"
        className="mb-3"
        action={
          <LinkButton href={`/tracks/${trackId}`} size="small">
            Open it
          </LinkButton>
        }
      >
        {title} has not been taken apart yet, so there is nothing of it to hear here.
      </Notice>
    );
  }
  if (status === 'early') {
    return (
      <Notice className="mb-3">
        {title} is still being taken apart. You can listen already; playing waits where its stems are not made yet.
      </Notice>
    );
  }
  return null;
}
