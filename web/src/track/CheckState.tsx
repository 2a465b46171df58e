import { useMutation } from '@tanstack/react-query';
import { tracks } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { CardStatus, JobKind, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState } from '@/api/gen/puremusic/job/v1/job_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, LinkButton, Notice } from '@/design';
import { useUnderWay } from './jobs';
import { WorkLine } from './WorkLine';

// What went wrong on our side may go well if it is done again; a file that is no music stays one.
const OURS: ReadonlySet<string> = new Set(['INTERNAL', 'ATTEMPTS_EXHAUSTED', 'DEADLINE_EXCEEDED']);

/** How the check of the song's file stands, while there is something to say of it. */
export function CheckState({ card }: { readonly card: TrackCard }) {
  const { trackId, status, failure } = card;
  const job = useUnderWay(trackId, JobKind.IMPORT);
  const again = useMutation({
    mutationFn: () => tracks.completeUpload({ trackId }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.card(trackId) }),
  });
  if (status === CardStatus.AWAITING_UPLOAD) {
    return (
      <Notice
        kind="info"
        title="Not all of this song has arrived yet"
        action={<LinkButton href="/library">Go on uploading</LinkButton>}
      >
        Choose the same file again in the library: it goes on where it was.
      </Notice>
    );
  }
  if (status === CardStatus.CHECKING) {
    return (
      <WorkLine title="Checking the file" state={job?.state ?? JobState.PENDING} work={job?.work}>
        It is decoded once from beginning to end.
      </WorkLine>
    );
  }
  if (status !== CardStatus.FAILED) return null;
  const retry = OURS.has(failure?.reason ?? '');
  return (
    <>
      <Notice
        kind="error"
        title="This file could not be taken in"
        action={
          retry ? (
            <Button busy={again.isPending} onClick={() => again.mutate()}>
              Check it again
            </Button>
          ) : (
            <LinkButton href="/library">Bring another file</LinkButton>
          )
        }
      >
        {failure?.message ?? 'Bring the song once more, as another file if you have one.'}
      </Notice>
      {again.error && <Notice kind="error">{failureOf(again.error).message}</Notice>}
    </>
  );
}
