import { create, equals } from '@bufbuild/protobuf';
import {
  type Job,
  JobSchema,
  type WatchJobsResponse,
  WatchJobsResponseSchema,
} from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from './job_states';

/** Hears of a job that is new or changed, and how it was before. */
export type JobListener = (job: Job, before: Job | undefined) => void;

/** As many as a watch may be asked to name. */
const NAMED_AT_MOST = 100;

/** The jobs of one user as the watch has told of them: those under way, and those that ended meanwhile. */
export class JobBook {
  /** The newest first to be heard of; a new array at every change. */
  jobs: readonly Job[] = [];
  readonly changed = new Set<() => void>();
  readonly listeners = new Set<JobListener>();
  readonly mourners = new Set<(job: Job) => void>();
  private readonly known = new Map<string, Job>();
  private opened = false;

  get(jobId: string): Job | undefined {
    return this.known.get(jobId);
  }

  /** What a new watch must be asked about: it would not speak of jobs that ended during the break. */
  unfinished(): string[] {
    const ids = [...this.known.values()].filter((job) => !hasEnded(job)).map((job) => job.jobId);
    return ids.slice(-NAMED_AT_MOST);
  }

  /** Writes down what a watch says. */
  apply({ message }: WatchJobsResponse): void {
    switch (message.case) {
      case 'snapshot':
        this.applySnapshot(message.value.jobs);
        break;
      case 'job':
        this.put(message.value, true);
        break;
      case 'deletedJobId':
        this.drop(message.value);
        break;
      default:
        return; // a heartbeat, or the end of the stream
    }
    this.publish();
  }

  /** Everything that is known, as the first message of a watch would say it. */
  snapshot(): WatchJobsResponse {
    const jobs = [...this.known.values()];
    return create(WatchJobsResponseSchema, { message: { case: 'snapshot', value: { jobs } } });
  }

  /** Forgets everything: somebody else's jobs come. */
  clear(): void {
    this.known.clear();
    this.opened = false;
    this.publish();
  }

  private applySnapshot(jobs: readonly Job[]): void {
    const told = new Set(jobs.map((job) => job.jobId));
    for (const jobId of this.unfinished()) if (!told.has(jobId)) this.drop(jobId);
    // What the first snapshot says is no news: the page is only being loaded.
    for (const job of jobs) this.put(job, this.opened);
    this.opened = true;
  }

  private put(job: Job, news: boolean): void {
    const before = this.known.get(job.jobId);
    // A tab that has just been opened makes the watch repeat itself to all.
    if (before && equals(JobSchema, before, job)) return;
    this.known.set(job.jobId, job);
    if (news) for (const listener of this.listeners) listener(job, before);
  }

  private drop(jobId: string): void {
    const job = this.known.get(jobId);
    if (!job) return;
    this.known.delete(jobId);
    for (const mourner of this.mourners) mourner(job);
  }

  private publish(): void {
    this.jobs = [...this.known.values()].reverse();
    for (const listener of this.changed) listener();
  }
}
