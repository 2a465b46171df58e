import { useState } from 'react';
import { Field, TextInput } from '@/design';
import { useWrongField } from './wrong_fields';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
  readonly unit: string;
  readonly onChange: (value: number) => void;
}

/** A number that is typed; it counts as soon as it lies in its range. While it does not, it says so, and nothing is made. */
export function NumberField({ label, value, low, high, whole = false, unit, onChange }: NumberFieldProps) {
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? String(value);
  const read = (text: string) => {
    const number = Number(text.trim().replace(',', '.') || Number.NaN);
    return number >= low && number <= high && (!whole || Number.isInteger(number)) ? number : undefined;
  };
  const valid = read(shown) !== undefined;
  const error = valid ? undefined : `Type a ${whole ? 'whole ' : ''}number between ${low} and ${high}.`;
  useWrongField(label, error);
  return (
    <Field label={label} hint={`${low} to ${high} ${unit}`} error={error}>
      <TextInput
        inputMode={whole ? 'numeric' : 'decimal'}
        value={shown}
        onChange={(event) => {
          setTyped(event.target.value);
          const next = read(event.target.value);
          if (next !== undefined) onChange(next);
        }}
        onBlur={() => valid && setTyped(undefined)}
        className="max-w-40"
      />
    </Field>
  );
}
