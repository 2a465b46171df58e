import { useMutation } from '@tanstack/react-query';
import { Scissors } from 'lucide-react';
import { useState } from 'react';
import { separations } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { type Separation, SeparationStatus } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, Icon, Notice } from '@/design';
import { clock } from '@/listening';
import { useUnderWay } from '../jobs';
import { WorkLine } from '../WorkLine';
import { SeparateDialog } from './SeparateDialog';

interface SeparationStateProps {
  readonly trackId: string;
  /** Of this song, the newest first; undefined until known. */
  readonly made: readonly Separation[] | undefined;
}

/** How taking the song apart stands, and the way to do it (again). */
export function SeparationState({ trackId, made }: SeparationStateProps) {
  const [asking, setAsking] = useState(false);
  const job = useUnderWay(trackId, JobKind.SEPARATION);
  const stopping = useMutation({
    mutationFn: (separationId: string) => separations.cancelSeparation({ separationId }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.stems(trackId) }),
  });
  const newest = made?.[0];
  const done = made?.some((one) => one.status === SeparationStatus.COMPLETED) ?? false;
  const again = (words: string) => (
    <Button size="small" onClick={() => setAsking(true)}>
      <Icon of={Scissors} />
      {words}
    </Button>
  );
  return (
    <>
      {job && (
        <WorkLine
          title="Taking the song apart"
          state={job.state}
          work={job.work}
          action={
            <Button size="small" busy={stopping.isPending} onClick={() => stopping.mutate(job.jobId)}>
              Stop it
            </Button>
          }
        >
          {job.playableSeconds > 0
            ? `The first ${clock(job.playableSeconds)} can be heard already: choose “Its stems” above.`
            : 'You can leave this page; it goes on.'}
        </WorkLine>
      )}
      {!job && newest?.status === SeparationStatus.FAILED && (
        <Notice kind="error" title="Taking the song apart failed" action={again('Try again')}>
          {newest.work?.failure?.message ?? 'Try again in a while.'}
        </Notice>
      )}
      {!job && newest?.status === SeparationStatus.CANCELLED && (
        <Notice kind="warning" title="Taking the song apart was stopped" action={again('Take it apart')}>
          {done ? 'The stems of the time before are still there.' : 'There are no stems of it yet.'}
        </Notice>
      )}
      {!job && made?.length === 0 && (
        <Notice kind="info" title="This song has not been taken apart yet" action={again('Take it apart')}>
          Then its voice, drums, bass and the rest can be heard, mixed and fused one by one.
        </Notice>
      )}
      {!job && newest?.status === SeparationStatus.COMPLETED && <div>{again('Take it apart again')}</div>}
      {stopping.error && <Notice kind="error">{failureOf(stopping.error).message}</Notice>}
      <SeparateDialog trackId={trackId} open={asking} onOpenChange={setAsking} />
    </>
  );
}
