import { EllipsisVertical, Headphones, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { type Fusion, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { useJob } from '@/api/watch';
import { Badge, Button, ConfirmDialog, Icon, Menu, Notice, Progress, type Tone } from '@/design';
import { leftWords } from '@/uploads';
import { attempt } from './attempt';
import { lengthWords } from './facts';
import { cancelFusion, deleteFusion, renameFusion } from './fusions';
import { RowTitle } from './RowTitle';
import { StopButton } from './StopButton';

const LABELS: Readonly<Partial<Record<FusionStatus, readonly [string, Tone]>>> = {
  [FusionStatus.PENDING]: ['Waiting for its turn', 'accent'],
  [FusionStatus.FUSING]: ['Being fused', 'accent'],
  [FusionStatus.COMPLETED]: ['Ready', 'success'],
  [FusionStatus.FAILED]: ['Could not be fused', 'danger'],
  [FusionStatus.CANCELLED]: ['Stopped', 'neutral'],
};

/** One fused song: how it stands, and the way to it. */
export function FusedRow({ fusion }: { readonly fusion: Fusion }) {
  const { fusionId, title, status, result, work, stems } = fusion;
  const [label, tone] = LABELS[status] ?? ['', 'neutral'];
  const songs = new Set(stems.map((stem) => stem.trackId)).size;
  return (
    <article aria-label={title} className="group/row border-line border-b px-4 py-3.5 sm:px-5">
      <div className="flex items-center gap-4">
        <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] items-center gap-x-6 gap-y-1 md:grid-cols-[minmax(0,1fr)_auto]">
          <div className="min-w-0">
            <RowTitle title={title} href={`/fusions/${fusionId}`} onRename={(next) => renameFusion(fusionId, next)} />
            <p className="flex flex-wrap gap-x-3 text-muted text-sm tabular-nums">
              {result && <span>{lengthWords(result.durationSeconds)}</span>}
              <span>
                {stems.length} {stems.length === 1 ? 'part' : 'parts'} of {songs} {songs === 1 ? 'song' : 'songs'}
              </span>
            </p>
          </div>
          <Badge tone={tone} className="justify-self-start">
            {label}
          </Badge>
        </div>
        <FusedMenu fusion={fusion} />
      </div>
      <Making fusion={fusion} />
      {status === FusionStatus.FAILED && work?.failure && (
        <Notice kind="error" className="mt-3">
          {work.failure.message}
        </Notice>
      )}
    </article>
  );
}

function Making({ fusion: { fusionId, title, status, work } }: { readonly fusion: Fusion }) {
  const now = useJob(fusionId)?.work ?? work;
  if (status !== FusionStatus.FUSING && status !== FusionStatus.PENDING) return null;
  const progress = now?.progress ?? 0;
  const left = leftWords(now?.etaSeconds);
  return (
    <div className="mt-3 flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <p className="text-muted text-sm tabular-nums">
          Fusing: {Math.floor(progress * 100)} %{left && `, ${left}`}
        </p>
        <Progress
          label={`Fusing ${title}`}
          value={status === FusionStatus.FUSING ? progress : undefined}
          className="mt-1.5"
        />
      </div>
      <StopButton what={`Fusing ${title}`} onStop={() => cancelFusion(fusionId)} />
    </div>
  );
}

function FusedMenu({ fusion: { fusionId, title } }: { readonly fusion: Fusion }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();
  const remove = async () => {
    setBusy(true);
    await attempt(() => deleteFusion(fusionId));
    setBusy(false);
    setAsking(false);
  };
  return (
    <>
      <Menu
        heading={title}
        trigger={
          <Button variant="quiet" size="small" aria-label={`More for ${title}`} className="aspect-square px-0">
            <Icon of={EllipsisVertical} className="size-5" />
          </Button>
        }
        items={[
          { label: 'Open', icon: Headphones, onSelect: () => go(`/fusions/${fusionId}`) },
          'line',
          { label: 'Delete', icon: Trash2, danger: true, onSelect: () => setAsking(true) },
        ]}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete “${title}”?`}
        confirm="Delete it"
        busy={busy}
        onConfirm={() => void remove()}
      >
        The fused song and all its files are gone for good. The songs it was made of stay.
      </ConfirmDialog>
    </>
  );
}
