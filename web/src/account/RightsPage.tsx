import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useLocationProperty } from 'wouter/use-browser-location';
import { Badge, Button, Card, Notice, Skeleton } from '@/design';
import { Prose } from './Prose';
import { useRights } from './rights';

/** The operator's terms, what copyright means here, and whom to tell about a song that should not be here. */
export default function RightsPage() {
  const { data, isError, refetch } = useRights();
  const place = useLocationProperty(() => window.location.hash.slice(1));
  useEffect(() => {
    // What the address names is here only now.
    if (data) document.getElementById(place)?.scrollIntoView();
  }, [data, place]);
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6">
      <h1 className="text-4xl">Terms and rights</h1>
      {isError && (
        <Notice
          kind="error"
          title="The terms could not be fetched"
          action={
            <Button size="small" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          Check your connection, then try again.
        </Notice>
      )}
      {!data && !isError && <Skeleton className="h-96" />}
      {data && (
        <>
          <Section id="terms" title="Terms of use" aside={<Badge>Version {data.termsVersion}</Badge>}>
            <Prose text={data.terms} />
          </Section>
          <Section id="copyright" title="Copyright">
            <Prose text={data.copyright} />
          </Section>
          <Section id="contact" title="Report a song, or ask">
            <Prose text={data.contact} />
          </Section>
        </>
      )}
    </div>
  );
}

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

function Section({ id, title, aside, children }: SectionProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="scroll-mt-20">
      <Card className="sm:p-8">
        <div className="mb-4 flex flex-wrap items-center gap-3">
          <h2 id={`${id}-title`} className="text-2xl">
            {title}
          </h2>
          {aside}
        </div>
        {children}
      </Card>
    </section>
  );
}
