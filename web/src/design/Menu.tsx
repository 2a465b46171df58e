import type { LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactElement, useRef } from 'react';
import { cx } from './cx';
import { Icon } from './Icon';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly onSelect: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

interface MenuProps {
  readonly trigger: ReactElement;
  /** A line between groups is written as 'line'. */
  readonly items: readonly (MenuItem | 'line')[];
  /** Said above the items, to everybody. */
  readonly heading?: string;
  readonly align?: 'start' | 'center' | 'end';
}

/** What can be done with a thing, behind one button. */
export function Menu({ trigger, items, heading, align = 'end' }: MenuProps) {
  // Done once the menu is closed and its button has the focus again: a dialog that opens then gives it back there.
  const chosen = useRef<() => void>(undefined);
  const close = () => {
    chosen.current?.();
    chosen.current = undefined;
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={close}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 max-w-80 animate-rise overflow-y-auto rounded-card border border-line bg-raised p-1.5 shadow-float"
        >
          {heading && (
            <DropdownMenu.Label className="truncate px-3 py-1.5 text-muted text-sm">{heading}</DropdownMenu.Label>
          )}
          {items.map((item, at) =>
            item === 'line' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place
              <DropdownMenu.Separator key={at} className="my-1.5 h-px bg-line" />
            ) : (
              <Item
                key={item.label}
                {...item}
                onSelect={() => {
                  chosen.current = item.onSelect;
                }}
              />
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({ label, icon, onSelect, danger = false, disabled = false }: MenuItem) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      disabled={disabled}
      className={cx(
        'flex min-h-10 cursor-pointer select-none items-center gap-3 rounded-control px-3 outline-none pointer-coarse:min-h-11',
        'data-highlighted:bg-ink/8 data-disabled:cursor-not-allowed data-disabled:opacity-50',
        danger && 'text-danger',
      )}
    >
      {icon && <Icon of={icon} />}
      {label}
    </DropdownMenu.Item>
  );
}
