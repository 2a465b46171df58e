import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './Icon';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What this place is for, and how something gets here. */
  readonly children: ReactNode;
  /** The button or link that brings the first thing here. */
  readonly action?: ReactNode;
}

/** Shown where there is nothing yet; it teaches what to do. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-card border border-line border-dashed bg-raised/60 px-6 py-12 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-accent-soft text-accent">
        <Icon of={icon} className="size-6" />
      </span>
      <h2 className="text-xl">{title}</h2>
      <div className="max-w-prose text-muted">{children}</div>
      {action && <div className="mt-2 flex flex-wrap justify-center gap-3">{action}</div>}
    </div>
  );
}
