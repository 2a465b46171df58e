import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { Toast as Primitive } from 'radix-ui';
import { create } from 'zustand';
import { cx } from './cx';
import { Icon } from './Icon';

export interface ToastMessage {
  readonly kind?: 'info' | 'success' | 'error';
  readonly text: string;
  readonly action?: { readonly label: string; readonly onClick: () => void };
}

interface Shown extends ToastMessage {
  readonly key: number;
}

const useShown = create<{ toasts: readonly Shown[]; next: number }>(() => ({ toasts: [], next: 0 }));

/** Says something in passing at the edge of the page. What must not be missed is a `Notice`. */
export function showToast(message: ToastMessage): void {
  useShown.setState(({ toasts, next }) => ({
    toasts: [...toasts.slice(-2), { ...message, key: next }],
    next: next + 1,
  }));
}

const dismiss = (key: number) =>
  useShown.setState(({ toasts }) => ({ toasts: toasts.filter((each) => each.key !== key) }));

/** `showToast`, as a hook. */
export function useToast(): (message: ToastMessage) => void {
  return showToast;
}

const ICONS = { info: Info, success: CircleCheck, error: CircleAlert } as const;
const COLOURS = { info: 'text-accent', success: 'text-success', error: 'text-danger' } as const;

/** Where toasts appear; once per application. F8 leads to them. */
export function Toasts() {
  const toasts = useShown((state) => state.toasts);
  return (
    <Primitive.Provider swipeDirection="right" duration={7000} label="Message">
      {toasts.map(({ key, kind = 'info', text, action }) => (
        <Primitive.Root
          key={key}
          type={kind === 'error' ? 'foreground' : 'background'}
          onOpenChange={(open) => !open && dismiss(key)}
          className="flex animate-rise items-center gap-3 rounded-card border border-line bg-raised py-3 pr-2 pl-4 shadow-float"
        >
          <Icon of={ICONS[kind]} className={cx('size-5', COLOURS[kind])} />
          <Primitive.Description className="min-w-0 flex-1">{text}</Primitive.Description>
          {action && (
            <Primitive.Action
              altText={action.label}
              onClick={action.onClick}
              className="min-h-9 rounded-control px-3 font-semibold text-accent hover:bg-ink/8"
            >
              {action.label}
            </Primitive.Action>
          )}
          <Primitive.Close className="grid size-9 place-items-center rounded-control hover:bg-ink/8">
            <Icon of={X} label="Dismiss" />
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="fixed right-0 bottom-0 z-50 flex w-full max-w-md flex-col gap-2 p-4 outline-none" />
    </Primitive.Provider>
  );
}
