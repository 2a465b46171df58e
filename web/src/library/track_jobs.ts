import { useMemo } from 'react';
import { type Job, JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from '@/api/job_states';
import { useJobs } from '@/api/watch';

/** What is being done to a track right now. */
export interface TrackJobs {
  readonly check?: Job;
  readonly separation?: Job;
  readonly analysis?: Job;
}

const NAMES = {
  [JobKind.IMPORT]: 'check',
  [JobKind.SEPARATION]: 'separation',
  [JobKind.ANALYSIS]: 'analysis',
} as const;

const isOfTrack = (kind: JobKind): kind is keyof typeof NAMES => kind in NAMES;

/** Jobs that are under way, by the track they are about; of several of a kind the newest. */
export function jobsByTrack(jobs: readonly Job[]): ReadonlyMap<string, TrackJobs> {
  const found = new Map<string, TrackJobs>();
  for (const job of jobs) {
    if (!isOfTrack(job.kind) || hasEnded(job)) continue;
    found.set(job.trackId, { [NAMES[job.kind]]: job, ...found.get(job.trackId) });
  }
  return found;
}

/** The same, live. */
export function useTrackJobs(): ReadonlyMap<string, TrackJobs> {
  const jobs = useJobs();
  return useMemo(() => jobsByTrack(jobs), [jobs]);
}
