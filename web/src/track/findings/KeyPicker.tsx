import { type KeyboardEvent, useId, useState } from 'react';
import { Mode } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Button, cx, Dialog } from '@/design';
import { camelotOf, circleOfFifths, type KeyName, keyWords, sameKey, tonicName } from '../pitch';

interface KeyPickerProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly current: KeyName | undefined;
  readonly onPick: (key: KeyName) => void;
}

/** All keys on the circle of fifths: major outside, minor inside; neighbours sound alike. */
export function KeyPicker({ open, onOpenChange, current, onPick }: KeyPickerProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Which key is it?"
      description="Major keys outside, minor keys inside. Keys that lie beside each other share most of their notes."
    >
      <Circle
        current={current}
        onCancel={() => onOpenChange(false)}
        onPick={(key) => {
          onOpenChange(false);
          onPick(key);
        }}
      />
    </Dialog>
  );
}

const RINGS: readonly { mode: KeyName['mode']; radius: number }[] = [
  { mode: Mode.MAJOR, radius: 42.5 },
  { mode: Mode.MINOR, radius: 26.5 },
];

function Circle({
  current,
  onPick,
  onCancel,
}: Pick<KeyPickerProps, 'current' | 'onPick'> & { readonly onCancel: () => void }) {
  const [chosen, setChosen] = useState(current);
  const name = useId();
  const id = (key: KeyName) => `${name}-${key.tonic}-${key.mode}`;
  const cross = (event: KeyboardEvent, key: KeyName) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = event.key === 'ArrowUp' || event.key === 'ArrowDown';
    if (turn === undefined && !across) return;
    event.preventDefault();
    const next = across ? relative(key) : { ...key, tonic: (key.tonic + 7 * (turn ?? 0) + 12) % 12 };
    setChosen(next);
    document.getElementById(id(next))?.focus();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onPick(chosen);
      }}
    >
      <fieldset className="relative mx-auto aspect-square w-full max-w-88 rounded-full border border-line bg-sunken">
        <legend className="sr-only">
          Key; left and right go round the circle, up and down between major and minor
        </legend>
        {RINGS.flatMap(({ mode, radius }) =>
          circleOfFifths(mode).map((key, place) => (
            <label
              key={id(key)}
              style={placed(place, radius)}
              className={cx(
                '-translate-x-1/2 -translate-y-1/2 absolute grid cursor-pointer place-items-center rounded-full border border-transparent text-center leading-tight',
                'hover:border-outline has-checked:border-accent has-checked:bg-accent has-checked:text-accent-ink',
                'has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2',
                mode === Mode.MAJOR ? 'size-[15%] font-semibold' : 'size-[13%] text-sm',
              )}
            >
              <input
                type="radio"
                id={id(key)}
                name={name}
                className="sr-only"
                aria-label={`${keyWords(key)}, Camelot ${camelotOf(key)}`}
                checked={sameKey(key, chosen)}
                onChange={() => setChosen(key)}
                onKeyDown={(event) => cross(event, key)}
              />
              <span aria-hidden>
                {tonicName(key)}
                {mode === Mode.MINOR && 'm'}
                <span className="block font-normal text-xs opacity-80">{camelotOf(key)}</span>
              </span>
            </label>
          )),
        )}
        <p
          aria-live="polite"
          className="-translate-x-1/2 -translate-y-1/2 pointer-events-none absolute top-1/2 left-1/2 w-1/4 text-center font-medium text-sm"
        >
          {chosen ? keyWords(chosen) : 'None yet'}
        </p>
      </fieldset>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={!chosen}>
          {chosen ? `Use ${keyWords(chosen)}` : 'Use it'}
        </Button>
      </div>
    </form>
  );
}

/** The key with the same notes: the one beside it on the other ring. */
function relative({ tonic, mode }: KeyName): KeyName {
  return mode === Mode.MAJOR
    ? { tonic: (tonic + 9) % 12, mode: Mode.MINOR }
    : { tonic: (tonic + 3) % 12, mode: Mode.MAJOR };
}

function placed(place: number, radius: number): { left: string; top: string } {
  const angle = (place / 12) * 2 * Math.PI;
  return { left: `${50 + radius * Math.sin(angle)}%`, top: `${50 - radius * Math.cos(angle)}%` };
}
