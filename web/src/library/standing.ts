import { CardStatus, type Job, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState } from '@/api/gen/puremusic/job/v1/job_pb';
import type { Tone } from '@/design';
import { leftWords } from '@/uploads';
import type { TrackJobs } from './track_jobs';

/** What can be tried again. */
export type Again = 'check' | 'separation' | 'analysis';

/** Something that is being done to a song. */
export interface Doing {
  readonly kind: Again;
  readonly words: string;
  /** 0 to 1; undefined while nothing can be said. */
  readonly progress: number | undefined;
  /** What to name to stop it; undefined where it can't be stopped by itself. */
  readonly jobId: string | undefined;
}

export interface Trouble {
  /** What happened and what to do. */
  readonly words: string;
  readonly again: Again | undefined;
}

/** How a song stands, in words. */
export interface Standing {
  readonly label: string;
  readonly tone: Tone;
  readonly doing: readonly Doing[];
  readonly troubles: readonly Trouble[];
  /** Its bytes have not all arrived, and nobody here is sending them. */
  readonly needsFile: boolean;
  /** It is whole and nothing takes it apart. */
  readonly canSeparate: boolean;
  /** Seconds that can be listened to while the rest is still being made. */
  readonly playableSeconds: number;
}

// Reasons with which the API ends jobs through no fault of the song: trying again may end otherwise.
const OUR_FAULT = new Set(['INTERNAL', 'ATTEMPTS_EXHAUSTED', 'DEADLINE_EXCEEDED']);

const DOING_WORDS = { check: 'Checking', separation: 'Taking apart', analysis: 'Listening for tempo and key' } as const;
const WAITING_WORDS = {
  check: 'Waiting to be checked',
  separation: 'Waiting to be taken apart',
  analysis: 'Waiting to be listened to',
} as const;

/** Says how a song stands. `arrived`: it was sent from here a moment ago, and the library may not know yet. */
export function standingOf(card: TrackCard, jobs: TrackJobs = {}, arrived = false): Standing {
  const [label, tone] = labelOf(card, jobs, arrived);
  return {
    label,
    tone,
    doing: (['check', 'separation', 'analysis'] as const).flatMap((kind) => doingOf(kind, jobs[kind])),
    troubles: troublesOf(card, jobs),
    needsFile: card.status === CardStatus.AWAITING_UPLOAD && !arrived && !jobs.check,
    canSeparate: card.status === CardStatus.UPLOADED && !jobs.separation && !(arrived && card.separationId === ''),
    playableSeconds: jobs.separation?.playableSeconds ?? 0,
  };
}

function labelOf(card: TrackCard, jobs: TrackJobs, arrived: boolean): readonly [string, Tone] {
  switch (card.status) {
    case CardStatus.AWAITING_UPLOAD:
      return arrived || jobs.check ? ['Being checked', 'accent'] : ['Not uploaded to the end', 'warning'];
    case CardStatus.CHECKING:
      return ['Being checked', 'accent'];
    case CardStatus.UPLOADED:
      return jobs.separation || (arrived && card.separationId === '')
        ? ['Being taken apart', 'accent']
        : ['Not taken apart', 'neutral'];
    case CardStatus.SEPARATING:
      return ['Being taken apart', 'accent'];
    case CardStatus.SEPARATED:
      return ['Ready to mix', 'success'];
    case CardStatus.FAILED:
      return card.separationId ? ['Could not be taken apart', 'danger'] : ['Can’t be used', 'danger'];
    default:
      return ['', 'neutral'];
  }
}

function doingOf(kind: Again, job: Job | undefined): Doing[] {
  if (!job) return [];
  const jobId = kind === 'check' ? undefined : job.jobId;
  if (job.state !== JobState.RUNNING) return [{ kind, words: WAITING_WORDS[kind], progress: undefined, jobId }];
  const progress = job.work?.progress ?? 0;
  const left = leftWords(job.work?.etaSeconds);
  const words = `${DOING_WORDS[kind]}: ${Math.floor(progress * 100)} %${left && `, ${left}`}`;
  return [{ kind, words, progress, jobId }];
}

function troublesOf(card: TrackCard, jobs: TrackJobs): Trouble[] {
  const troubles: Trouble[] = [];
  if (card.status === CardStatus.FAILED && card.failure)
    troubles.push(failureTrouble(card, card.failure.reason, card.failure.message));
  if (card.analysisFailure && !jobs.analysis) {
    troubles.push({ words: `Tempo and key could not be heard. ${card.analysisFailure.message}`, again: 'analysis' });
  }
  return troubles;
}

function failureTrouble(card: TrackCard, reason: string, message: string): Trouble {
  if (card.separationId) return { words: message, again: 'separation' };
  return OUR_FAULT.has(reason)
    ? { words: message, again: 'check' }
    : { words: `${message} Delete this one here.`, again: undefined };
}
