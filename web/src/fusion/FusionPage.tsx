import { useQuery } from '@tanstack/react-query';
import { Disc3 } from 'lucide-react';
import { Link, useParams } from 'wouter';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { type Fusion, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys } from '@/api/queries';
import { Badge, Button, EmptyState, LinkButton, Notice, Skeleton, usePageTitle } from '@/design';
import { Downloads } from './Downloads';
import { Ended, Making } from './FusionMaking';
import { FusionMenu } from './FusionMenu';
import { FusionPlayer } from './FusionPlayer';
import { FusionTitle } from './FusionTitle';
import { HowItWasMade } from './HowItWasMade';
import { RatingForm } from './RatingForm';
import { ReceiptActions } from './ReceiptActions';
import { useSongs } from './songs';
import { clock, numberWords } from './words';

/** A fused song: while it is made, when it failed, and when it is there. */
export default function FusionPage() {
  const { fusionId = '' } = useParams<{ fusionId: string }>();
  const found = useQuery({
    queryKey: keys.fusion(fusionId),
    queryFn: ({ signal }) => fusions.getFusion({ fusionId }, { signal }),
  });
  usePageTitle(found.data?.title ?? 'Fused song');
  if (found.data) return <FusionView fusion={found.data} />;
  if (!found.error) return <Skeleton className="h-64" />;
  const failure = failureOf(found.error);
  if (failure.reason === 'FUSION_NOT_FOUND') return <Missing />;
  return (
    <Notice
      kind="error"
      action={
        <Button size="small" busy={found.isFetching} onClick={() => void found.refetch()}>
          Try again
        </Button>
      }
    >
      {failure.message}
    </Notice>
  );
}

function Missing() {
  return (
    <EmptyState icon={Disc3} title="This song is gone" action={<LinkButton href="/library">To the library</LinkButton>}>
      <p>It was deleted, or it belongs to somebody else.</p>
    </EmptyState>
  );
}

function FusionView({ fusion }: { readonly fusion: Fusion }) {
  const trackIds = [...new Set(fusion.stems.map(({ trackId }) => trackId))];
  const songs = useSongs(trackIds);
  return (
    <div className="flex flex-col gap-8">
      <header className="flex flex-col gap-2">
        <FusionTitle fusion={fusion} />
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
          <span>{factsOf(fusion)}</span>
          {fusion.preview && <Badge>Preview</Badge>}
          {fusion.parentFusionId && (
            <Link href={`/fusions/${fusion.parentFusionId}`} className="underline underline-offset-2 hover:text-ink">
              Version {fusion.revision}, made of an earlier song
            </Link>
          )}
        </p>
      </header>
      {fusion.status === FusionStatus.COMPLETED ? (
        <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,24rem)] lg:grid-rows-[auto_1fr] xl:gap-x-12">
          <div className="min-w-0">
            <FusionPlayer fusion={fusion} songs={songs} />
          </div>
          <div className="flex min-w-0 flex-col gap-8 lg:row-span-2">
            <Downloads fusion={fusion} />
            <RatingForm key={fusion.fusionId} fusion={fusion} />
            <ReceiptActions fusion={fusion} />
            <FusionMenu fusion={fusion} />
          </div>
          <div className="min-w-0">
            <HowItWasMade fusion={fusion} songs={songs} />
          </div>
        </div>
      ) : (
        <div className="flex max-w-3xl flex-col gap-8">
          {isUnderWay(fusion) ? <Making fusion={fusion} /> : <Ended fusion={fusion} />}
          <HowItWasMade fusion={fusion} songs={songs} />
          {!isUnderWay(fusion) && <FusionMenu fusion={fusion} />}
        </div>
      )}
    </div>
  );
}

function isUnderWay({ status }: Fusion): boolean {
  return status === FusionStatus.PENDING || status === FusionStatus.FUSING;
}

function factsOf({ result, plan }: Fusion): string {
  const words = result ? [clock(result.durationSeconds)] : [];
  if (plan?.tempoBpm !== undefined) words.push(`${numberWords(plan.tempoBpm, 1)} BPM`);
  if (plan?.key?.name) words.push(plan.key.name);
  return words.join(' · ');
}
