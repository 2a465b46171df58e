import { useQuery } from '@tanstack/react-query';
import { Combine } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Compatibility } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Badge, Button, Field, Icon, LinkButton, Notice, Select, Skeleton, type Tone, VisuallyHidden } from '@/design';
import { isStemName, STEM_LABELS, type StemName } from '@/listening';
import { useMix } from '@/mixer/mix';
import { useCard } from './song';

interface FitsProps {
  readonly trackId: string;
  /** The stems that can be laid over another song. */
  readonly stems: readonly StemName[];
}

const FIRST = 5;
const FIRST_REASONS = 3;

/** Which of one's other songs go with a stem of this one, and why. */
export function Fits({ trackId, stems }: FitsProps) {
  const [wished, setRole] = useState<StemName>('vocals');
  const role = stems.includes(wished) ? wished : (stems[0] ?? 'vocals');
  const [all, setAll] = useState(false);
  const ranked = useQuery({
    queryKey: ['ranked', trackId, role],
    queryFn: ({ signal }) => fusions.rankTracks({ trackId, role }, { signal }),
    select: (answer) => answer.tracks.filter((one) => one.otherTrackId !== trackId),
  });
  const shown = all ? ranked.data : ranked.data?.slice(0, FIRST);
  return (
    <div className="flex flex-col gap-4">
      <Field label="Which of my songs fit its" className="max-w-56">
        <Select
          value={role}
          options={stems.map((value) => ({ value, label: STEM_LABELS[value].toLowerCase() }))}
          onChange={setRole}
        />
      </Field>
      {ranked.isPending && <Skeleton className="h-24" />}
      {ranked.error && (
        <Notice kind="error" action={<Button onClick={() => void ranked.refetch()}>Try again</Button>}>
          {failureOf(ranked.error).message}
        </Notice>
      )}
      {ranked.data?.length === 0 && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-muted">
          <p className="min-w-56 flex-1">
            There is no other song yet that has been taken apart and listened to. Bring one, and you see here how well
            they go together.
          </p>
          <LinkButton href="/library">Bring a song</LinkButton>
        </div>
      )}
      <ul className="flex flex-col gap-3">
        {shown?.map((one) => (
          <Fit key={one.otherTrackId} trackId={trackId} role={role} fit={one} />
        ))}
      </ul>
      {!all && (ranked.data?.length ?? 0) > FIRST && (
        <div>
          <Button size="small" variant="quiet" onClick={() => setAll(true)}>
            Show all {ranked.data?.length}
          </Button>
        </div>
      )}
    </div>
  );
}

function Fit({
  trackId,
  role,
  fit,
}: {
  readonly trackId: string;
  readonly role: StemName;
  readonly fit: Compatibility;
}) {
  const { otherTrackId, score, reasons } = fit;
  const { data: card } = useCard(otherTrackId);
  const add = useMix((mix) => mix.add);
  const [, go] = useLocation();
  const { words, tone } = fitOf(score);
  const title = card?.title ?? 'A song';
  const mix = () => {
    add(trackId, role);
    for (const { type } of card?.stems ?? []) if (isStemName(type) && type !== role) add(otherTrackId, type);
    go('/mix');
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 rounded-control border border-line p-3.5">
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 break-words font-medium">{title}</span>
          <Badge tone={tone}>{words}</Badge>
        </p>
        <Reasons reasons={reasons.slice(0, FIRST_REASONS)} />
        {reasons.length > FIRST_REASONS && (
          <details className="text-sm">
            <summary className="inline-flex min-h-8 items-center font-medium text-accent">
              {reasons.length - FIRST_REASONS} more<VisuallyHidden> reasons for {title}</VisuallyHidden>
            </summary>
            <Reasons reasons={reasons.slice(FIRST_REASONS)} />
          </details>
        )}
      </div>
      <Button size="small" onClick={mix} disabled={!card} aria-label={`Mix them: this song and ${title}`}>
        <Icon of={Combine} />
        Mix them
      </Button>
    </li>
  );
}

function Reasons({ reasons }: { readonly reasons: Compatibility['reasons'] }) {
  return (
    <ul className="mt-1 text-muted text-sm">
      {reasons.map((reason) => (
        <li key={`${reason.code} ${reason.message}`}>{reason.message}</li>
      ))}
    </ul>
  );
}

/** A score, 0 to 1, in words; 0.5 is where voices lose as much as by 8 % of stretch. */
function fitOf(score: number): { words: string; tone: Tone } {
  if (score >= 0.8) return { words: 'As if made for each other', tone: 'success' };
  if (score >= 0.6) return { words: 'Goes well', tone: 'success' };
  if (score >= 0.4) return { words: 'Goes, with some bending', tone: 'accent' };
  if (score >= 0.2) return { words: 'Hardly goes', tone: 'warning' };
  return { words: 'Does not go', tone: 'danger' };
}
