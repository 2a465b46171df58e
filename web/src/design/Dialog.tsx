import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx';
import { useFocusBack } from './focus_back';
import { Icon } from './Icon';
import { Veil } from './Veil';

interface DialogProps {
  readonly title: string;
  /** A sentence under the title. */
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** Buttons at the bottom. */
  readonly actions?: ReactNode;
  readonly trigger?: ReactElement;
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  /** Whether it can be closed without an answer. */
  readonly dismissible?: boolean;
  readonly className?: string;
}

/** A panel over the page that keeps the focus until it is closed. */
export function Dialog({
  title,
  description,
  children,
  actions,
  trigger,
  dismissible = true,
  className,
  ...root
}: DialogProps) {
  const focusBack = useFocusBack();
  const stay = (event: Event) => {
    if (!dismissible) event.preventDefault();
  };
  return (
    <Primitive.Root {...root}>
      {trigger && <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>}
      <Primitive.Portal>
        <Veil>
          <Primitive.Content
            {...focusBack}
            onEscapeKeyDown={stay}
            onInteractOutside={stay}
            {...(!description && { 'aria-describedby': undefined })}
            className={cx(
              'relative w-full max-w-lg animate-rise rounded-card border border-line bg-raised p-5 shadow-float outline-none sm:p-7',
              className,
            )}
          >
            <Primitive.Title className="pr-10 text-2xl">{title}</Primitive.Title>
            {description && <Primitive.Description className="mt-2 text-muted">{description}</Primitive.Description>}
            <div className="mt-5">{children}</div>
            {actions && <div className="mt-7 flex flex-wrap justify-end gap-3">{actions}</div>}
            {dismissible && (
              <Primitive.Close className="absolute top-4 right-4 grid size-9 place-items-center rounded-control hover:bg-ink/8 pointer-coarse:size-11">
                <Icon of={X} label="Close" />
              </Primitive.Close>
            )}
          </Primitive.Content>
        </Veil>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
