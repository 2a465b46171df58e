import { Check, Pencil, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './Button';
import { cx } from './cx';
import { Field, TextInput } from './Field';
import { Icon } from './Icon';

interface EditableTitleProps {
  readonly title: string;
  /** What the button that begins it is called. */
  readonly label: string;
  /** Most characters. */
  readonly longest: number;
  /** It is being saved. */
  readonly busy: boolean;
  /** Why it was not saved, in words. */
  readonly error: string | undefined;
  /** Saves it; ends well when it is saved. What makes no title is refused there. */
  readonly onSave: (title: string) => Promise<unknown>;
  /** In a list, as one line of it: what stands there instead of the page's heading. Its button shows in `group/row`. */
  readonly row?: ReactNode;
}

/** A title that is changed where it stands, a page's heading or one in a list; the focus comes back to its button. */
export function EditableTitle({ title, label, longest, busy, error, onSave, row }: EditableTitleProps) {
  const inRow = row !== undefined;
  const [typed, setTyped] = useState<string>();
  // An error of the last time is nothing to begin with.
  const [tried, setTried] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const ended = useRef(false);
  const close = () => {
    ended.current = true;
    setTyped(undefined);
    setTried(false);
  };
  useEffect(() => {
    if (typed !== undefined || !ended.current) return;
    ended.current = false;
    button.current?.focus();
  }, [typed]);
  if (typed === undefined) {
    return (
      <div className={cx('flex min-w-0', inRow ? 'items-center gap-1' : 'items-start gap-2')}>
        {row ?? <h1 className="min-w-0 break-words text-3xl sm:text-4xl">{title}</h1>}
        <Button
          ref={button}
          variant="quiet"
          size="small"
          aria-label={label}
          onClick={() => setTyped(title)}
          className={cx(
            inRow &&
              'aspect-square min-h-8 px-0 text-muted opacity-0 focus-visible:opacity-100 group-hover/row:opacity-100 pointer-coarse:opacity-100',
          )}
        >
          <Icon of={Pencil} />
        </Button>
      </div>
    );
  }
  const save = () => {
    if (busy) return;
    if (typed.trim() === title) return close();
    setTried(true);
    // What went wrong is shown by `error`.
    onSave(typed.trim()).then(close, () => undefined);
  };
  return (
    <form
      className={cx('flex min-w-0', inRow ? 'flex-wrap items-start gap-1.5' : 'max-w-2xl flex-col gap-3')}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {!inRow && <h1 className="sr-only">{title}</h1>}
      <Field
        label={inRow ? `New title of ${title}` : 'Title'}
        hideLabel={inRow}
        error={tried ? error : undefined}
        className="min-w-0 flex-1 basis-40"
      >
        <TextInput
          autoFocus
          value={typed}
          maxLength={longest}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={({ key }) => key === 'Escape' && close()}
        />
      </Field>
      {inRow ? (
        <>
          <Button
            type="submit"
            variant="primary"
            size="small"
            busy={busy}
            aria-label="Save the title"
            className="size-11 px-0"
          >
            <Icon of={Check} />
          </Button>
          <Button size="small" aria-label="Keep the old title" onClick={close} className="size-11 px-0">
            <Icon of={X} />
          </Button>
        </>
      ) : (
        <div className="flex gap-2">
          <Button type="submit" variant="primary" size="small" busy={busy}>
            Save
          </Button>
          <Button size="small" onClick={close}>
            Cancel
          </Button>
        </div>
      )}
    </form>
  );
}
