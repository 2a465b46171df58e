import { Link } from 'wouter';
import { type Job, JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from '@/api/job_states';
import { useJobs } from '@/api/watch';
import { Button, Popover, Progress, Spinner } from '@/design';

const DOING: Readonly<Partial<Record<JobKind, string>>> = {
  [JobKind.IMPORT]: 'Checking',
  [JobKind.SEPARATION]: 'Taking apart',
  [JobKind.ANALYSIS]: 'Listening to',
  [JobKind.FUSION]: 'Fusing',
};

/** What is being done right now, from every page; absent when nothing is. */
export function JobsIndicator() {
  const jobs = useJobs().filter((job) => !hasEnded(job));
  if (jobs.length === 0) return null;
  const label = jobs.length === 1 ? '1 job at work' : `${jobs.length} jobs at work`;
  return (
    <Popover
      label="At work"
      align="end"
      trigger={
        <Button variant="quiet" size="small" aria-label={label}>
          <Spinner className="text-accent" />
          <span className="tabular-nums">{jobs.length}</span>
        </Button>
      }
    >
      <h2 className="text-lg">At work</h2>
      <ul className="mt-2 flex flex-col gap-3">
        {jobs.map((job) => (
          <li key={job.jobId}>
            <Line job={job} />
          </li>
        ))}
      </ul>
    </Popover>
  );
}

function Line({ job }: { readonly job: Job }) {
  const words = `${DOING[job.kind] ?? 'Working on'} ${job.title}`;
  const href = job.kind === JobKind.FUSION ? `/fusions/${job.jobId}` : `/tracks/${job.trackId || job.jobId}`;
  return (
    <Link href={href} className="block rounded-control py-1 hover:text-accent">
      <span className="block truncate">{words}</span>
      <Progress label={words} value={job.work?.progress} className="mt-1.5" />
    </Link>
  );
}
