import { type SyntheticEvent, useState } from 'react';
import { type Failure, failureOf } from '@/api/failures';

interface Submitting {
  /** The work is under way. */
  readonly busy: boolean;
  /** Why it failed the last time. */
  readonly failure: Failure | undefined;
  /** For a form's `onSubmit`, or a button's `onClick`. */
  readonly submit: (event?: SyntheticEvent) => void;
  readonly forget: () => void;
}

/** Does what a form asks for, once at a time, and keeps why it failed. */
export function useSubmitting(work: () => Promise<void>): Submitting {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (!busy) void run();
  };
  return { busy, failure, submit, forget: () => setFailure(undefined) };
}
