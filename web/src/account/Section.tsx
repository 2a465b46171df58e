import { type ReactNode, useId } from 'react';
import { Card } from '@/design';

/** One matter of the account. */
export function Section({
  title,
  words,
  children,
}: {
  readonly title: string;
  readonly words?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Card className="sm:p-7">
        <h2 id={id} className="text-xl">
          {title}
        </h2>
        {words && <p className="mt-1 text-muted">{words}</p>}
        <div className="mt-5">{children}</div>
      </Card>
    </section>
  );
}
