import { type ComponentProps, createContext, type ReactNode, use, useId } from 'react';
import { cx } from './cx';

interface Wiring {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const FieldContext = createContext<Wiring | undefined>(undefined);

interface FieldProps {
  readonly label: ReactNode;
  /** Whether the label is said only, where what is around the control shows what it is. */
  readonly hideLabel?: boolean;
  /** How to fill it in. */
  readonly hint?: ReactNode;
  /** What is wrong with it and how to mend that. */
  readonly error?: string | undefined;
  readonly className?: string;
  /** One `TextInput` or `Select`. */
  readonly children: ReactNode;
}

/** A labelled place to type or choose; it ties label, hint and error to the one control inside. */
export function Field({ label, hideLabel = false, hint, error, className, children }: FieldProps) {
  const id = useId();
  const describedBy = cx(hint ? `${id}-hint` : '', error && `${id}-error`) || undefined;
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'font-medium'}>
        {label}
      </label>
      <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>{children}</FieldContext>
      {hint && (
        <p id={`${id}-hint`} className="text-muted text-sm">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-danger text-sm">
          {error}
        </p>
      )}
    </div>
  );
}

const LOOKS =
  'w-full min-h-11 rounded-control border bg-raised px-3.5 text-ink placeholder:text-muted disabled:opacity-60';

function useWiring() {
  const field = use(FieldContext);
  return field
    ? { id: field.id, 'aria-describedby': field.describedBy, 'aria-invalid': field.invalid || undefined }
    : {};
}

/** A line of text. Outside a `Field` it needs an `aria-label`. */
export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  const wiring = useWiring();
  return (
    <input
      type="text"
      {...wiring}
      {...rest}
      className={cx(LOOKS, wiring['aria-invalid'] ? 'border-danger' : 'border-outline', className)}
    />
  );
}

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly disabled?: boolean;
}

interface SelectProps<Value extends string> extends Omit<ComponentProps<'select'>, 'onChange' | 'value' | 'children'> {
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, with the system's own list: it works on every device. Outside a `Field` it needs an `aria-label`. */
export function Select<Value extends string>({ value, options, onChange, className, ...rest }: SelectProps<Value>) {
  const wiring = useWiring();
  return (
    <select
      {...wiring}
      {...rest}
      value={value}
      onChange={(event) => {
        const chosen = options[event.target.selectedIndex];
        if (chosen) onChange(chosen.value);
      }}
      className={cx(LOOKS, 'pr-8', wiring['aria-invalid'] ? 'border-danger' : 'border-outline', className)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
