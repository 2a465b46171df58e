import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './Icon';

export type NoticeKind = 'info' | 'success' | 'warning' | 'error';

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, error: CircleAlert } as const;
const LOOKS: Readonly<Record<NoticeKind, string>> = {
  info: 'bg-accent-soft [&>svg]:text-accent',
  success: 'bg-success-soft [&>svg]:text-success',
  warning: 'bg-warning-soft [&>svg]:text-warning',
  error: 'bg-danger-soft [&>svg]:text-danger',
};

interface NoticeProps {
  readonly kind?: NoticeKind;
  readonly title?: string;
  readonly children?: ReactNode;
  /** What can be done about it, usually a small button. */
  readonly action?: ReactNode;
  readonly onDismiss?: () => void;
  readonly className?: string;
}

/** Says what happened and what to do. Errors are read out at once, the rest when there is time. */
export function Notice({ kind = 'info', title, children, action, onDismiss, className }: NoticeProps) {
  return (
    <div
      role={kind === 'error' ? 'alert' : 'status'}
      className={cx('flex items-start gap-3 rounded-control p-3.5 text-ink', LOOKS[kind], className)}
    >
      <Icon of={ICONS[kind]} className="mt-0.5 size-5" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          {title && <p className="font-semibold">{title}</p>}
          {children && <div>{children}</div>}
        </div>
        {action}
      </div>
      {onDismiss && (
        <button
          type="button"
          onClick={onDismiss}
          className="grid size-7 place-items-center rounded-control hover:bg-ink/8"
        >
          <Icon of={X} label="Dismiss" />
        </button>
      )}
    </div>
  );
}
