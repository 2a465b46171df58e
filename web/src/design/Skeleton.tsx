import { cx } from './cx';

/** The place of something that is being fetched; give it the size of what will come. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden className={cx('block animate-breathe rounded-control bg-ink/8', className)} />;
}
