import { Slider as Primitive } from 'radix-ui';
import { cx } from './cx';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number) => void;
  /** When the hand lets go: for what is too dear to be done on the way. */
  readonly onCommit?: (value: number) => void;
  /** The value in words, with its unit: `−3 dB`. */
  readonly format?: (value: number) => string;
  readonly disabled?: boolean;
  readonly className?: string;
  /** The class of the part that is filled: `bg-stem-vocals`. */
  readonly filled?: string;
}

/** A value on a line; arrows change it by a step, Page Up and Page Down by ten, Home and End to the ends. */
export function Slider({
  label,
  value,
  min,
  max,
  step,
  onChange,
  onCommit,
  format,
  disabled = false,
  className,
  filled = 'bg-accent',
}: SliderProps) {
  return (
    <Primitive.Root
      value={[value]}
      min={min}
      max={max}
      step={step}
      disabled={disabled}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
      className={cx(
        'relative flex h-8 touch-none select-none items-center data-disabled:opacity-50 pointer-coarse:h-11',
        className,
      )}
    >
      <Primitive.Track className="relative h-1.5 flex-1 overflow-hidden rounded-full bg-ink/15">
        <Primitive.Range className={cx('absolute h-full rounded-full', filled)} />
      </Primitive.Track>
      <Primitive.Thumb
        aria-label={label}
        {...(format && { 'aria-valuetext': format(value) })}
        className="forced-outline block size-5 rounded-full border-2 border-raised bg-ink shadow-card transition-transform hover:scale-110"
      />
    </Primitive.Root>
  );
}
