import { useId } from 'react';
import type { Plan } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Badge, cx, type Tone } from '@/design';
import { PlanReasons, PlanWarnings, TrackLines } from './PlanDetails';
import type { Songs } from './songs';
import { BEND_WORDS, type Bend, bendOf, collisionWords, keysRub, sharedWarnings, targetWords } from './words';

const TONES: Readonly<Record<Bend, Tone>> = {
  none: 'success',
  hardly: 'success',
  slightly: 'neutral',
  noticeably: 'warning',
  clearly: 'danger',
};

interface PlanCardsProps {
  readonly plans: readonly Plan[];
  readonly rank: number;
  readonly songs: Songs;
  /** What is shown answers an earlier question. */
  readonly outdated: boolean;
  readonly onChoose: (rank: number) => void;
}

/** The ways to bring the songs together, best first: one is chosen. */
export function PlanCards({ plans, rank, songs, outdated, onChoose }: PlanCardsProps) {
  const { shared, own } = sharedWarnings(plans);
  return (
    <fieldset aria-busy={outdated} className={cx('min-w-0 transition-opacity', outdated && 'opacity-60')}>
      <legend className="sr-only">Plan</legend>
      {shared.length > 0 && (
        <div className="mb-3 rounded-control bg-warning-soft p-3.5">
          <p className="mb-1.5 font-medium text-sm">Whichever you choose</p>
          <PlanWarnings lines={shared} />
        </div>
      )}
      <div className="flex flex-col gap-3">
        {plans.map((plan) => (
          <PlanCard
            key={plan.rank}
            plan={plan}
            warnings={[...(own.get(plan.rank) ?? []), ...plan.collisions.map(collisionWords)]}
            songs={songs}
            chosen={plan.rank === rank}
            onChoose={() => onChoose(plan.rank)}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface PlanCardProps {
  readonly plan: Plan;
  readonly warnings: readonly string[];
  readonly songs: Songs;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function PlanCard({ plan, warnings, songs, chosen, onChoose }: PlanCardProps) {
  const id = useId();
  const bend = bendOf(plan);
  return (
    <div
      className={cx(
        'rounded-card border bg-raised p-4 shadow-card transition-colors',
        chosen ? 'border-accent ring-1 ring-accent' : 'border-line hover:border-outline',
      )}
    >
      <label className="flex cursor-pointer items-start gap-3">
        <input
          type="radio"
          name="plan"
          value={plan.rank}
          checked={chosen}
          onChange={onChoose}
          aria-describedby={id}
          className="mt-1.5 size-4 shrink-0"
        />
        <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1.5">
          <span className="font-display font-semibold text-lg">{targetWords(plan) || 'As they are'}</span>
          <Badge tone={TONES[bend]}>{BEND_WORDS[bend]}</Badge>
          {keysRub(plan.cost) && <Badge tone="warning">Keys may rub</Badge>}
          {plan.rank === 1 && <Badge tone="accent">Best</Badge>}
        </span>
      </label>
      <div id={id} className="mt-3 flex flex-col gap-3 sm:pl-7">
        <TrackLines plan={plan} songs={songs} />
        <PlanWarnings lines={warnings} />
      </div>
      {plan.reasons.length > 0 && (
        <details className="mt-3 sm:pl-7">
          <summary className="inline-flex min-h-6 items-center text-accent text-sm underline-offset-2 hover:underline">
            Why this plan
          </summary>
          <div className="mt-2">
            <PlanReasons plan={plan} />
          </div>
        </details>
      )}
    </div>
  );
}
