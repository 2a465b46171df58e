import type { ReactNode } from 'react';
import { JobState, type Work } from '@/api/gen/puremusic/job/v1/job_pb';
import { Progress } from '@/design';
import { percent } from './confidence';
import { shareOf } from './jobs';
import { etaWords } from './words';

interface WorkLineProps {
  /** What is being done: `Taking the song apart`. */
  readonly title: string;
  readonly state: JobState;
  readonly work: Work | undefined;
  /** A sentence on what can be done meanwhile. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Work that is under way on the song: how far it is, and how long it takes yet. */
export function WorkLine({ title, state, work, children, action }: WorkLineProps) {
  const share = shareOf(work, state);
  const told =
    state === JobState.PENDING
      ? ['waiting for its turn']
      : [...(share === undefined ? [] : [percent(share)]), etaWords(work?.etaSeconds)];
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-card border border-line bg-raised p-4">
      <div className="min-w-56 flex-1">
        <p>
          <span className="font-medium">{title}</span>{' '}
          <span className="text-muted tabular-nums">{told.filter(Boolean).join(', ')}</span>
        </p>
        <Progress label={title} value={share} className="mt-2" />
        {children && <p className="mt-2 text-muted">{children}</p>}
      </div>
      {action}
    </div>
  );
}
