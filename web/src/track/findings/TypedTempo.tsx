import { useState } from 'react';
import { Button, Field, TextInput } from '@/design';
import { canBeSaid, FASTEST_BPM, SLOWEST_BPM } from '../tempo_levels';

/** A tempo that is typed. */
export function TypedTempo({ onSay }: { readonly onSay: (bpm: number) => void }) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const bpm = Number(typed.trim().replace(',', '.') || Number.NaN);
        if (!canBeSaid(bpm)) return setError(`Type a number between ${SLOWEST_BPM} and ${FASTEST_BPM}.`);
        setError(undefined);
        setTyped('');
        return onSay(bpm);
      }}
    >
      <Field label="Another tempo, BPM" error={error} className="max-w-44">
        <TextInput
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
      <Button type="submit" disabled={typed.trim() === ''}>
        Set
      </Button>
    </form>
  );
}
