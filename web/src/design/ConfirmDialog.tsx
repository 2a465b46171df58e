import { AlertDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from './Button';
import { useFocusBack } from './focus_back';
import { Veil } from './Veil';

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly children: ReactNode;
  /** The verb on the button: `Delete the song`. */
  readonly confirm: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  /** Closing it is left to the caller, who may show an error first. */
  readonly onConfirm: () => void;
}

/** Asks once more before something that can't be undone. The focus begins on the way out. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  confirm,
  danger = true,
  busy = false,
  onConfirm,
}: ConfirmDialogProps) {
  const focusBack = useFocusBack();
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <Veil>
          <AlertDialog.Content
            {...focusBack}
            className="w-full max-w-lg animate-rise rounded-card border border-line bg-raised p-5 shadow-float outline-none sm:p-7"
          >
            <AlertDialog.Title className="text-2xl">{title}</AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="mt-3 text-muted">{children}</div>
            </AlertDialog.Description>
            <div className="mt-7 flex flex-wrap justify-end gap-3">
              <AlertDialog.Cancel asChild>
                <Button>Keep it as it is</Button>
              </AlertDialog.Cancel>
              <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
                {confirm}
              </Button>
            </div>
          </AlertDialog.Content>
        </Veil>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
