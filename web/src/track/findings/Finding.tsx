import { type ReactNode, useId } from 'react';
import { Badge, Card } from '@/design';
import { percent, sureness } from '../confidence';

interface FindingProps {
  readonly title: string;
  /** The finding in large letters; absent: it was not heard. */
  readonly value: ReactNode;
  /** 0 to 1; absent where it says nothing. */
  readonly confidence?: number | undefined;
  /** Whether a person said it. */
  readonly said?: boolean;
  readonly children?: ReactNode;
}

/** One thing that is known of the song, how sure it is, and what can be done about it. */
export function Finding({ title, value, confidence, said = false, children }: FindingProps) {
  const id = useId();
  return (
    <Card role="group" aria-labelledby={id} className="flex flex-col gap-3">
      <h3 id={id} className="text-muted text-sm">
        {title}
      </h3>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1.5">
        <output className="font-display font-semibold text-2xl">{value}</output>
        {said ? <Badge tone="accent">Said by you</Badge> : confidence !== undefined && <Sure confidence={confidence} />}
      </div>
      {children}
    </Card>
  );
}

function Sure({ confidence }: { readonly confidence: number }) {
  const { words, tone } = sureness(confidence);
  return (
    <Badge tone={tone}>
      {words}, {percent(confidence)}
    </Badge>
  );
}
