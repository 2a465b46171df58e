import { Check } from 'lucide-react';
import { Checkbox as Primitive } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';
import { Icon } from './Icon';

interface CheckboxProps {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** What is wrong with it as it is. */
  readonly error?: string | undefined;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** Something that is so or not, sent with the rest of a form. */
export function Checkbox({ label, checked, onChange, error, disabled = false, className }: CheckboxProps) {
  const id = useId();
  return (
    <div className={className}>
      <div className="flex items-start gap-3">
        <Primitive.Root
          id={id}
          checked={checked}
          onCheckedChange={(next) => onChange(next === true)}
          disabled={disabled}
          {...(error && { 'aria-invalid': true, 'aria-describedby': `${id}-error` })}
          className={cx(
            'mt-0.5 grid size-5.5 shrink-0 place-items-center rounded-md border-2 bg-raised text-accent-ink disabled:opacity-50',
            'data-[state=checked]:border-accent data-[state=checked]:bg-accent',
            error ? 'border-danger' : 'border-outline',
          )}
        >
          <Primitive.Indicator>
            <Icon of={Check} className="size-4" />
          </Primitive.Indicator>
        </Primitive.Root>
        <label htmlFor={id}>{label}</label>
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 pl-8.5 text-danger text-sm">
          {error}
        </p>
      )}
    </div>
  );
}
