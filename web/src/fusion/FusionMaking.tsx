import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { type CreateFusionRequest, type Fusion, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { useJob } from '@/api/watch';
import { Button, Card, Notice, Progress } from '@/design';
import { wishOf } from './again';
import { type Attempt, attemptFor } from './attempt';
import { fingerprint } from './request';
import { etaWords } from './words';

/** A song that is being made: how far it is, and the way out. */
export function Making({ fusion }: { readonly fusion: Fusion }) {
  const job = useJob(fusion.fusionId);
  const work = job?.work ?? fusion.work;
  const waits = fusion.status === FusionStatus.PENDING && !work?.progress;
  const cancel = useMutation({
    mutationFn: () => fusions.cancelFusion({ fusionId: fusion.fusionId }),
    onSuccess: (cancelled) => queryClient.setQueryData(keys.fusion(fusion.fusionId), cancelled),
  });
  return (
    <Card className="flex flex-col gap-4">
      <div role="status">
        <p className="font-medium text-lg">{waits ? 'It waits for its turn' : 'Your song is being made'}</p>
        <p className="text-muted">
          {waits ? 'It begins by itself.' : `${percent(work?.progress)}${etaWords(work?.etaSeconds)}.`} You can leave
          this page; it goes on.
        </p>
      </div>
      <Progress label="Making the song" value={waits ? undefined : work?.progress} />
      <Button className="self-start" busy={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
      {cancel.error && <Notice kind="error">{failureOf(cancel.error).message}</Notice>}
    </Card>
  );
}

function percent(progress: number | undefined): string {
  return `${Math.round((progress ?? 0) * 100)} %`;
}

/** A song that was not made: why, and how to try again. */
export function Ended({ fusion }: { readonly fusion: Fusion }) {
  const failed = fusion.status === FusionStatus.FAILED;
  const wish = wishOf(fusion);
  const again = useOnceMore();
  const failure = fusion.work?.failure;
  return (
    <Notice
      kind={failed ? 'error' : 'info'}
      title={failed ? 'This song could not be made' : 'You cancelled this song'}
      action={
        wish && (
          <Button size="small" busy={again.isPending} onClick={() => again.mutate(wish)}>
            {failed ? 'Try again' : 'Make it after all'}
          </Button>
        )
      }
    >
      {failed && (failure?.message || 'Something went wrong on our side.')}
      {!wish && ' It came from a receipt: to try again, use the receipt once more.'}
      {again.error && <p className="mt-2 text-danger">{failureOf(again.error).message}</p>}
    </Notice>
  );
}

/** Asks for the same song once more, and leads to it. */
function useOnceMore() {
  const [, navigate] = useLocation();
  const sending = useRef<Attempt>(undefined);
  return useMutation({
    mutationFn: (wish: CreateFusionRequest) => {
      sending.current = attemptFor(sending.current, fingerprint(wish));
      return fusions.createFusion({ ...wish, idempotencyKey: sending.current.key });
    },
    onSuccess: (made) => {
      queryClient.setQueryData(keys.fusion(made.fusionId), made);
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
      navigate(`/fusions/${made.fusionId}`, { replace: true });
    },
  });
}
