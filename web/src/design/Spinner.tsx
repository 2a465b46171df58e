import { cx } from './cx';

/** Something is being done. Without a label it is silent: words beside it say what. */
export function Spinner({ label, className }: { readonly label?: string; readonly className?: string }) {
  return (
    <span
      {...(label ? { role: 'status', 'aria-label': label } : { 'aria-hidden': true })}
      className={cx(
        'inline-block size-[1.1em] animate-spin rounded-full border-2 border-current border-r-transparent motion-reduce:animate-breathe',
        className,
      )}
    />
  );
}
