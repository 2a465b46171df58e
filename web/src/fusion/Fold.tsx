import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from '@/design';

interface FoldProps {
  readonly title: string;
  /** What is chosen inside, in a line. */
  readonly summary?: string;
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** Something that most people need not see, behind a line that says what is in it. */
export function Fold({ title, summary, open = false, children }: FoldProps) {
  return (
    <details open={open} className="group rounded-card border border-line bg-raised shadow-card">
      <summary className="flex min-h-14 list-none items-center gap-3 rounded-card px-5 py-3 [&::-webkit-details-marker]:hidden">
        <span className="min-w-0 flex-1">
          <span className="font-medium">{title}</span>
          {summary && <span className="block text-muted text-sm">{summary}</span>}
        </span>
        <Icon of={ChevronDown} className="size-5 text-muted transition-transform group-open:rotate-180" />
      </summary>
      <div className="flex flex-col gap-6 border-line border-t px-5 py-5">{children}</div>
    </details>
  );
}
