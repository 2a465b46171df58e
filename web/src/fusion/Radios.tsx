import type { ReactNode } from 'react';
import { useId } from 'react';
import { cx } from '@/design';

interface RadiosProps<Value extends string> {
  /** What is chosen, for everybody; hidden where a heading says it already. */
  readonly legend: string;
  readonly hideLegend?: boolean;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode; readonly hint?: ReactNode }[];
  readonly onChange: (value: Value) => void;
  /** Classes of the grid of cards. */
  readonly className?: string;
}

/** One of a few ways, each a card with a line that explains it. Arrow keys go from one to the next. */
export function Radios<Value extends string>({
  legend,
  hideLegend,
  value,
  options,
  onChange,
  className,
}: RadiosProps<Value>) {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className={hideLegend ? 'sr-only' : 'mb-2 font-medium'}>{legend}</legend>
      <div className={cx('grid gap-2.5', className)}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              'flex cursor-pointer items-start gap-3 rounded-control border border-line bg-raised p-3.5 transition-colors hover:border-outline',
              'has-checked:border-accent has-checked:bg-accent-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="mt-1 size-4 shrink-0 outline-none"
            />
            <span className="min-w-0 flex-1">
              <span className="font-medium">{option.label}</span>
              {option.hint && <span className="block text-muted text-sm">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
