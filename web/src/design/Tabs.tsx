import { Tabs as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';

export interface Tab {
  readonly key: string;
  readonly label: ReactNode;
  readonly content: ReactNode;
}

interface TabsProps {
  /** What the tabs are of, for screen readers. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly value?: string;
  readonly onChange?: (key: string) => void;
  readonly className?: string;
}

/** Several views of one thing, one at a time. Without `value` it remembers by itself, beginning with the first. */
export function Tabs({ label, tabs, value, onChange, className }: TabsProps) {
  const controlled = value === undefined ? { defaultValue: tabs[0]?.key ?? '' } : { value };
  return (
    <Primitive.Root {...controlled} {...(onChange && { onValueChange: onChange })} className={className}>
      <Primitive.List aria-label={label} className="flex gap-1 overflow-x-auto overflow-y-hidden border-line border-b">
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.key}
            value={tab.key}
            className={cx(
              '-mb-px min-h-11 whitespace-nowrap border-transparent border-b-2 px-4 font-medium text-muted transition-colors hover:text-ink',
              'data-[state=active]:border-accent data-[state=active]:text-ink focus-visible:-outline-offset-2',
            )}
          >
            {tab.label}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.key} value={tab.key} className="pt-5">
          {tab.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
