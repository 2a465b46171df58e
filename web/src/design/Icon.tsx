import type { LucideIcon } from 'lucide-react';
import { cx } from './cx';

interface IconProps {
  readonly of: LucideIcon;
  /** What it says to those who don't see it; absent where words beside it say the same. */
  readonly label?: string;
  readonly className?: string;
}

/** A drawing of lucide-react, as large as the text around it unless a class says otherwise. */
export function Icon({ of: Drawing, label, className }: IconProps) {
  const named = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true };
  return <Drawing {...named} strokeWidth={2} className={cx('size-[1.15em] shrink-0', className)} focusable={false} />;
}
