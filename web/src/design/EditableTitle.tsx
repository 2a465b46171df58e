import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from './Button';
import { Field, TextInput } from './Field';
import { Icon } from './Icon';

interface EditableTitleProps {
  readonly title: string;
  /** What the button that begins it is called. */
  readonly label: string;
  /** Most characters. */
  readonly longest: number;
  /** An empty title stands for one that is made. */
  readonly mayBeEmpty?: boolean;
  /** It is being saved. */
  readonly busy: boolean;
  /** Why it was not saved, in words. */
  readonly error: string | undefined;
  /** Saves it; ends well when it is saved. */
  readonly onSave: (title: string) => Promise<unknown>;
}

/** A page's heading, to be changed where it stands; the focus comes back to its button. */
export function EditableTitle({ title, label, longest, mayBeEmpty = false, busy, error, onSave }: EditableTitleProps) {
  const [typed, setTyped] = useState<string>();
  const button = useRef<HTMLButtonElement>(null);
  const ended = useRef(false);
  const close = () => {
    ended.current = true;
    setTyped(undefined);
  };
  useEffect(() => {
    if (typed !== undefined || !ended.current) return;
    ended.current = false;
    button.current?.focus();
  }, [typed]);
  if (typed === undefined) {
    return (
      <div className="flex items-start gap-2">
        <h1 className="min-w-0 break-words text-3xl sm:text-4xl">{title}</h1>
        <Button ref={button} variant="quiet" size="small" aria-label={label} onClick={() => setTyped(title)}>
          <Icon of={Pencil} />
        </Button>
      </div>
    );
  }
  const wanting = !mayBeEmpty && typed.trim() === '';
  return (
    <form
      className="flex max-w-2xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        // What went wrong is shown by `error`.
        if (!busy && !wanting) onSave(typed.trim()).then(close, () => undefined);
      }}
    >
      <h1 className="sr-only">{title}</h1>
      <Field label="Title" error={error}>
        <TextInput
          autoFocus
          value={typed}
          maxLength={longest}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && close()}
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="primary" size="small" busy={busy} disabled={wanting}>
          Save
        </Button>
        <Button size="small" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
