import type { ComponentProps } from 'react';
import { Link } from 'wouter';
import { cx } from './cx';
import { Spinner } from './Spinner';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';
export type ButtonSize = 'small' | 'medium' | 'large';

const LOOKS: Readonly<Record<ButtonVariant, string>> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-strong shadow-xs',
  secondary: 'bg-raised text-ink border border-outline/60 hover:border-outline hover:bg-sunken',
  quiet: 'text-ink hover:bg-ink/8',
  danger: 'bg-danger text-accent-ink hover:brightness-90 shadow-xs',
};

// At least 36 pixels high where pointers are fine, 44 where fingers press (WCAG 2.5.8 asks for 24).
const SIZES: Readonly<Record<ButtonSize, string>> = {
  small: 'min-h-9 px-3 text-sm pointer-coarse:min-h-11',
  medium: 'min-h-10 px-4 pointer-coarse:min-h-11',
  large: 'min-h-12 px-6 text-lg',
};

/** The classes of a button, for what must be another element. */
export function buttonLooks(variant: ButtonVariant, size: ButtonSize, className?: string): string {
  return cx(
    'inline-flex select-none items-center justify-center gap-2 rounded-control text-center font-medium leading-tight',
    'transition-colors disabled:opacity-50 aria-disabled:opacity-60',
    LOOKS[variant],
    SIZES[size],
    className,
  );
}

export interface ButtonProps extends ComponentProps<'button'> {
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
  /** What was asked for is being done: the button keeps the focus and does nothing meanwhile. */
  readonly busy?: boolean;
}

/** A button; of type `button` unless said otherwise, so that it never sends a form by accident. */
export function Button({
  variant = 'secondary',
  size = 'medium',
  busy = false,
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      {...(busy && { 'aria-disabled': true, 'aria-busy': true })}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
      className={buttonLooks(variant, size, className)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  /** What it is called where the words on it don't tell it from others. */
  readonly 'aria-label'?: string;
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
  readonly className?: string;
  readonly children: React.ReactNode;
}

/** A link to another page of this client that looks like a button. */
export function LinkButton({ variant = 'secondary', size = 'medium', className, children, ...rest }: LinkButtonProps) {
  return (
    <Link {...rest} className={buttonLooks(variant, size, className)}>
      {children}
    </Link>
  );
}
