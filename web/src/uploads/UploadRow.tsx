import type { LucideIcon } from 'lucide-react';
import { Pause, Play, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import { failureOf } from '@/api/failures';
import { Button, ConfirmDialog, Icon, Notice, Progress, showToast } from '@/design';
import { adviceOn } from './advice';
import { FileButton } from './FileButton';
import { isMoving, type Upload } from './upload';
import { uploadQueue } from './uploading';
import { phaseWords, shareOf } from './words';

/** One upload: how far it is, and pausing, going on, trying again, giving up. */
export function UploadRow({ upload }: { readonly upload: Upload }) {
  const { key, name, phase } = upload;
  const needsFile = phase === 'unfinished';
  return (
    <li className="flex flex-col gap-2.5 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-44 flex-1">
          <p className="truncate font-medium">{name}</p>
          <p className="text-muted text-sm tabular-nums">{phaseWords(upload)}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          {needsFile && (
            <FileButton
              variant="primary"
              size="small"
              label={`Choose the file again: ${name}`}
              onFiles={([file]) => file && uploadQueue.chooseFile(key, file)}
            >
              Choose the file again
            </FileButton>
          )}
          {isMoving(upload) && phase !== 'completing' && (
            <Act icon={Pause} label="Pause" name={name} onClick={() => uploadQueue.pause(key)} />
          )}
          {phase === 'paused' && <Act icon={Play} label="Go on" name={name} onClick={() => uploadQueue.resume(key)} />}
          {phase === 'failed' && (
            <Act icon={RotateCcw} label="Try again" name={name} onClick={() => uploadQueue.resume(key)} />
          )}
          <CancelButton upload={upload} />
        </div>
      </div>
      {(isMoving(upload) || phase === 'paused') && phase !== 'queued' && (
        <Progress label={`Upload of ${name}`} value={shareOf(upload)} />
      )}
      <Saying upload={upload} />
    </li>
  );
}

function Saying({ upload: { phase, failure, trackId } }: { readonly upload: Upload }) {
  if (failure) {
    const kind = phase === 'waiting' ? 'warning' : 'error';
    return <Notice kind={kind}>{[failure.message, adviceOn(failure)].filter(Boolean).join(' ')}</Notice>;
  }
  if (phase !== 'unfinished') return null;
  return (
    <p className="text-muted text-sm">
      The page was left before this upload was done. To go on, choose the same file again
      {trackId ? '; what has arrived is not sent twice.' : '.'}
    </p>
  );
}

interface ActProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly name: string;
  readonly onClick: () => void;
}

function Act({ icon, label, name, onClick }: ActProps) {
  return (
    <Button size="small" aria-label={`${label}: ${name}`} onClick={onClick}>
      <Icon of={icon} />
      {label}
    </Button>
  );
}

/** What has arrived already is asked about before it is thrown away. */
function CancelButton({ upload: { key, name, there } }: { readonly upload: Upload }) {
  const [asking, setAsking] = useState(false);
  const cancel = async () => {
    setAsking(false);
    try {
      await uploadQueue.cancel(key);
    } catch (error) {
      showToast({ kind: 'error', text: `“${name}” could not be taken back yet. ${failureOf(error).message}` });
    }
  };
  return (
    <>
      <Button
        variant="quiet"
        size="small"
        aria-label={`Cancel the upload of ${name}`}
        onClick={() => (there > 0 ? setAsking(true) : void cancel())}
      >
        <Icon of={X} />
        Cancel
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Give this upload up?"
        confirm="Give it up"
        onConfirm={() => void cancel()}
      >
        What has arrived of “{name}” is deleted. You can bring the song again later.
      </ConfirmDialog>
    </>
  );
}
