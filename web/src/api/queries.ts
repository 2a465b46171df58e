import { QueryClient, type QueryKey } from '@tanstack/react-query';
import { type Job, JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from './job_states';
import { session } from './session';
import { onJob, onJobGone } from './watch';

/** What lists are asked for: plain values that can be compared. */
export type ListParams = Readonly<Record<string, string | number | boolean | undefined>>;

/** Answers that were fetched, for all pages. The transport retries; what a job changes is fetched anew by itself. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 30_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** What answers are kept under. Lists without parameters mean all lists of the kind. */
export const keys = {
  cards: (params?: ListParams): QueryKey => (params ? ['cards', params] : ['cards']),
  card: (trackId: string): QueryKey => ['card', trackId],
  analysis: (trackId: string): QueryKey => ['analysis', trackId],
  stems: (trackId: string): QueryKey => ['stems', trackId],
  fusion: (fusionId: string): QueryKey => ['fusion', fusionId],
  fusions: (params?: ListParams): QueryKey => (params ? ['fusions', params] : ['fusions']),
  usage: (): QueryKey => ['usage'],
  models: (): QueryKey => ['models'],
  rights: (): QueryKey => ['rights'],
  apiKeys: (): QueryKey => ['api-keys'],
} as const;

/** Which answers a job makes stale. Its id is the track's for imports and the fusion's for fusions. */
export function touchedBy(job: Job): QueryKey[] {
  switch (job.kind) {
    case JobKind.IMPORT:
      return [keys.card(job.jobId), keys.cards()];
    case JobKind.SEPARATION:
      return [keys.card(job.trackId), keys.cards(), keys.stems(job.trackId)];
    case JobKind.ANALYSIS:
      return [keys.card(job.trackId), keys.cards(), keys.analysis(job.trackId)];
    case JobKind.FUSION:
      return [keys.fusion(job.jobId), keys.fusions()];
    default:
      return [];
  }
}

const stale = (touched: QueryKey[]) => {
  for (const queryKey of touched) void queryClient.invalidateQueries({ queryKey });
};

/** From now on answers are dropped when a job changes what they say, or when somebody else signs in. */
export function beginInvalidation(): void {
  onJob((job, before) => {
    if (before?.version === job.version) return; // progress alone
    stale(touchedBy(job));
    if (hasEnded(job)) stale([keys.usage()]);
  });
  onJobGone((job) => stale([...touchedBy(job), keys.usage()]));
  let userId = session.user()?.userId;
  session.subscribe(() => {
    const now = session.user()?.userId;
    if (now !== userId) queryClient.clear();
    userId = now;
  });
}
