import { useMutation } from '@tanstack/react-query';
import { analyses } from '@/api/clients';
import { type Failure, failureOf } from '@/api/failures';
import { JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from '@/api/job_states';
import { useJobs } from '@/api/watch';
import { Button, LinkButton, Notice, Progress } from '@/design';
import { choose } from './fuse_state';
import { obstacleOf, type Remedy, type Wait } from './obstacles';
import { type Songs, titleOf } from './songs';
import { etaWords } from './words';

interface ObstacleNoticeProps {
  readonly failure: Failure;
  readonly songs: Songs;
  readonly onRetry: () => void;
  readonly retrying: boolean;
}

/** Says what stands in the way, and offers what can be done about it. */
export function ObstacleNotice({ failure, songs, onRetry, retrying }: ObstacleNoticeProps) {
  const { message, remedies } = obstacleOf(failure);
  const waits = remedies.find((remedy): remedy is Wait => remedy.kind === 'analysis' || remedy.kind === 'separation');
  return (
    <Notice
      kind={waits ? 'info' : 'error'}
      action={
        <div className="flex flex-wrap gap-2">
          {remedies.map((remedy) => (
            <Way key={remedy.kind} remedy={remedy} onRetry={onRetry} retrying={retrying} />
          ))}
        </div>
      }
    >
      {message}
      {waits && <Waiting kind={waits.kind} trackId={waits.trackId} songs={songs} />}
    </Notice>
  );
}

interface WayProps {
  readonly remedy: Remedy;
  readonly onRetry: () => void;
  readonly retrying: boolean;
}

function Way({ remedy, onRetry, retrying }: WayProps) {
  switch (remedy.kind) {
    case 'retry':
      return (
        <Button size="small" busy={retrying} onClick={onRetry}>
          Try again
        </Button>
      );
    case 'mix':
      return (
        <LinkButton size="small" href="/mix">
          Change the mix
        </LinkButton>
      );
    case 'track':
      return (
        <LinkButton size="small" href={`/tracks/${remedy.trackId}`}>
          Open the song
        </LinkButton>
      );
    case 'automatic':
      return (
        <Button size="small" onClick={() => choose({ [remedy.target]: { by: 'automatic' } })}>
          Choose the {remedy.target} automatically
        </Button>
      );
    case 'unmatched':
      return (
        <Button size="small" onClick={() => choose({ matching: 'none', balance: false })}>
          Go on without matching
        </Button>
      );
    case 'whole-length':
      return (
        <Button size="small" onClick={() => choose({ length: 'longest' })}>
          Make it as long as its longest stem
        </Button>
      );
    case 'preview-start':
      return (
        <Button size="small" onClick={() => choose({ previewStart: Math.floor(remedy.seconds) })}>
          Listen to its end
        </Button>
      );
    default:
      return null;
  }
}

interface WaitingProps {
  readonly kind: 'analysis' | 'separation';
  readonly trackId: string;
  readonly songs: Songs;
}

/** How far what is missing is; what nobody makes can be asked for. */
function Waiting({ kind, trackId, songs }: WaitingProps) {
  const wanted = kind === 'analysis' ? JobKind.ANALYSIS : JobKind.SEPARATION;
  const job = useJobs().find((each) => each.kind === wanted && each.trackId === trackId && !hasEnded(each));
  const listen = useMutation({ mutationFn: () => analyses.createAnalysis({ trackId }) });
  const title = titleOf(songs, trackId);
  if (job) {
    const words = `${kind === 'analysis' ? 'Listening to' : 'Taking apart'} “${title}”`;
    return (
      <div className="mt-2">
        <p className="text-sm">
          {words}
          {etaWords(job.work?.etaSeconds)}. It goes on here by itself.
        </p>
        <Progress label={words} value={job.work?.progress} className="mt-1.5 max-w-md" />
      </div>
    );
  }
  if (kind === 'separation')
    return <p className="mt-2 text-sm">“{title}” waits for its turn. It goes on here by itself.</p>;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-3 text-sm">
      <Button size="small" busy={listen.isPending} onClick={() => listen.mutate()}>
        Listen to “{title}” now
      </Button>
      {listen.error && <span className="text-danger">{failureOf(listen.error).message}</span>}
    </div>
  );
}
