import { Progress as Primitive } from 'radix-ui';
import { cx } from './cx';

interface ProgressProps {
  /** What is getting on: read out with the percent. */
  readonly label: string;
  /** 0 to 1; absent while nothing can be said. */
  readonly value?: number | undefined;
  readonly className?: string;
}

/** How far something is. */
export function Progress({ label, value, className }: ProgressProps) {
  const percent = value === undefined ? null : Math.round(Math.min(Math.max(value, 0), 1) * 100);
  return (
    <Primitive.Root
      aria-label={label}
      value={percent}
      className={cx('h-2 overflow-hidden rounded-full bg-ink/12', className)}
    >
      <Primitive.Indicator
        className={cx(
          'h-full rounded-full bg-accent',
          percent === null ? 'w-1/3 animate-sweep' : 'transition-[width] duration-300',
        )}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </Primitive.Root>
  );
}
