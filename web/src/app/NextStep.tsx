import { useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { library } from '@/api/clients';
import { CardStatus, type Job, JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from '@/api/job_states';
import { keys } from '@/api/queries';
import { useJobs } from '@/api/watch';
import { Icon } from '@/design';
import { useMix } from '@/mixer/mix';
import { isMoving, useUploads } from '@/uploads';
import { nextStep } from './next_step';

// The number of cards is in each answer; one card is the fewest that can be asked for.
const ONE = { pageSize: 1 };
const ONE_APART = { pageSize: 1, status: CardStatus.SEPARATED };

/** One line under the header: what comes next. Silent until it is known, and on pages that are not on the way. */
export function NextStep() {
  const [path] = useLocation();
  const all = useQuery({ queryKey: keys.cards(ONE), queryFn: ({ signal }) => library.listCards(ONE, { signal }) });
  const apart = useQuery({
    queryKey: keys.cards(ONE_APART),
    queryFn: ({ signal }) => library.listCards(ONE_APART, { signal }),
  });
  const voices = useMix((mix) => mix.voices);
  const sending = useUploads().some(isMoving);
  const working = useJobs().some(leadsToParts);
  if (!all.data || !apart.data || !onTheWay(path)) return null;
  const step = nextStep({
    songs: Number(all.data.total),
    apart: Number(apart.data.total),
    sending,
    working,
    voices,
  });
  return (
    <section aria-label="What comes next" className="border-line border-b bg-accent-soft/60">
      <p className="mx-auto flex min-h-11 max-w-7xl flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 text-sm sm:px-6">
        <span>
          <strong className="font-semibold text-accent">Next</strong>
          <span className="ml-2.5">{step.words}</span>
        </span>
        {step.href && step.href !== path && (
          <Link
            href={step.href}
            className="inline-flex min-h-8 items-center gap-1.5 font-semibold text-accent underline-offset-4 hover:underline"
          >
            {step.label}
            <Icon of={ArrowRight} />
          </Link>
        )}
      </p>
    </section>
  );
}

function leadsToParts(job: Job): boolean {
  return !hasEnded(job) && (job.kind === JobKind.IMPORT || job.kind === JobKind.SEPARATION);
}

function onTheWay(path: string): boolean {
  return /^\/(library|tracks\/|mix|fuse)/.test(path) && !path.startsWith('/fusions/');
}
