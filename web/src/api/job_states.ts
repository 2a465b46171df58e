import type { Job } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState } from '@/api/gen/puremusic/job/v1/job_pb';

const ENDED: ReadonlySet<JobState> = new Set([JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED]);

/** Whether a job is over, well or not. */
export const hasEnded = (job: Job): boolean => ENDED.has(job.state);
