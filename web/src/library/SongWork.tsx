import { useState } from 'react';
import { Link } from 'wouter';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Button, Notice, Progress } from '@/design';
import { FileButton, uploadQueue } from '@/uploads';
import { attempt } from './attempt';
import { cancelJob, separate, tryAgain } from './deeds';
import { lengthWords } from './facts';
import { StopButton } from './StopButton';
import type { Doing, Standing, Trouble } from './standing';

/** What is being done to a song, what went wrong with it, and what one can do about that; absent when there is nothing. */
export function SongWork({ card, standing }: { readonly card: TrackCard; readonly standing: Standing }) {
  const { doing, troubles, needsFile, canSeparate, playableSeconds } = standing;
  if (doing.length === 0 && troubles.length === 0 && !needsFile && !canSeparate) return null;
  return (
    <div className="mt-3 flex flex-col gap-3 sm:pl-26.5">
      {doing.map((each) => (
        <DoingLine key={each.kind} doing={each} title={card.title} />
      ))}
      {playableSeconds >= 1 && (
        <Link
          href={`/tracks/${card.trackId}`}
          className="self-start font-medium text-accent text-sm underline underline-offset-4"
        >
          Listen to the parts of the first {lengthWords(playableSeconds)} already
        </Link>
      )}
      {troubles.map((trouble) => (
        <TroubleNotice key={trouble.words} card={card} trouble={trouble} />
      ))}
      {needsFile && <MissingFile card={card} />}
      {canSeparate && <DeedButton label="Take it apart" title={card.title} deed={() => separate(card.trackId)} />}
    </div>
  );
}

function DoingLine({ doing: { words, progress, jobId }, title }: { readonly doing: Doing; readonly title: string }) {
  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <p className="text-muted text-sm tabular-nums">{words}</p>
        {progress !== undefined && (
          <Progress label={`${words.split(':')[0]} ${title}`} value={progress} className="mt-1.5" />
        )}
      </div>
      {jobId && <StopButton what={`${words.split(':')[0]} ${title}`} onStop={() => cancelJob(jobId)} />}
    </div>
  );
}

function TroubleNotice({ card, trouble: { words, again } }: { readonly card: TrackCard; readonly trouble: Trouble }) {
  const action = again && <DeedButton label="Try again" title={card.title} deed={() => tryAgain(card, again)} />;
  return (
    <Notice kind="error" action={action}>
      {words}
    </Notice>
  );
}

function MissingFile({ card: { trackId, title, originalFilename, sizeBytes } }: { readonly card: TrackCard }) {
  const go = (file: File | undefined) => {
    if (file) uploadQueue.adopt({ trackId, name: originalFilename, sizeBytes: Number(sizeBytes) }, file);
  };
  return (
    <Notice
      kind="warning"
      action={
        <FileButton size="small" label={`Choose the file of ${title}`} onFiles={([file]) => go(file)}>
          Choose the file
        </FileButton>
      }
    >
      Not all of “{originalFilename}” has arrived. Choose the file to go on, or delete this song.
    </Notice>
  );
}

/** A button for something that takes a moment and may fail. */
function DeedButton({
  label,
  title,
  deed,
}: {
  readonly label: string;
  readonly title: string;
  readonly deed: () => Promise<void>;
}) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    await attempt(deed);
    setBusy(false);
  };
  return (
    <Button
      size="small"
      busy={busy}
      aria-label={`${label}: ${title}`}
      onClick={() => void press()}
      className="self-start"
    >
      {label}
    </Button>
  );
}
