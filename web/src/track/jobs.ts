import { type Job, JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState, type Work } from '@/api/gen/puremusic/job/v1/job_pb';
import { useJobs } from '@/api/watch';

/** The work of a kind that is under way on a song, if there is any; its progress is live. */
export function useUnderWay(trackId: string, kind: JobKind): Job | undefined {
  return useJobs().find((job) => job.kind === kind && aboutTrack(job) === trackId && isUnderWay(job));
}

/** Whether a job is not over. */
export function isUnderWay({ state }: Job): boolean {
  return state === JobState.PENDING || state === JobState.RUNNING;
}

/** How far some work is: 0 to 1; undefined while it waits for its turn. */
export function shareOf(work: Work | undefined, state: JobState): number | undefined {
  return state === JobState.RUNNING ? work?.progress : undefined;
}

function aboutTrack(job: Job): string {
  return job.kind === JobKind.IMPORT ? job.jobId : job.trackId;
}
