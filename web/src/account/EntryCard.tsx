import type { ReactNode } from 'react';
import { Card } from '@/design';

/** The frame of the pages through which one comes in. */
export function EntryCard({
  title,
  children,
  below,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly below: ReactNode;
}) {
  return (
    <div className="mx-auto max-w-md sm:pt-8">
      <h1 className="mb-6 text-4xl">{title}</h1>
      <Card className="p-6 sm:p-8">{children}</Card>
      <p className="mt-5 text-center text-muted">{below}</p>
    </div>
  );
}
