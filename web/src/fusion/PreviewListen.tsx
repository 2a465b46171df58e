import { Headphones } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { failureOf } from '@/api/failures';
import { FusionFormat, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { useJob } from '@/api/watch';
import { Button, Card, Icon, Notice, Progress, Slider } from '@/design';
import type { Voice } from '@/mixer/mix';
import { usePlayAddress } from './address';
import { useHeard, usePlaying } from './audio';
import { type Choices, PREVIEW_SECONDS } from './choices';
import { choose } from './fuse_state';
import { ObstacleNotice } from './ObstacleNotice';
import { PlayBar } from './PlayBar';
import { type Preview, usePreview } from './preview';
import { previewRequest } from './request';
import type { Songs } from './songs';
import { clock, etaWords } from './words';

interface PreviewListenProps {
  readonly voices: readonly Voice[];
  readonly choices: Choices;
  /** The chosen plan, 1 for the best. */
  readonly rank: number;
  /** How long the song will be, in seconds; undefined while that is not known. */
  readonly seconds: number | undefined;
  readonly songs: Songs;
  /** Something has to be settled first. */
  readonly blocked: boolean;
}

const UNKNOWN_SECONDS = 300;

/** Any 15 seconds of the song, to hear before all of it is made. */
export function PreviewListen({ voices, choices, rank, seconds, songs, blocked }: PreviewListenProps) {
  const last = Math.max(0, Math.floor((seconds ?? UNKNOWN_SECONDS) - PREVIEW_SECONDS));
  const start = Math.min(choices.previewStart, last);
  const preview = usePreview(previewRequest(voices, { ...choices, previewStart: start }, rank));
  const wanted = useRef(false);
  const ask = () => {
    wanted.current = true;
    preview.ask();
  };
  return (
    <Card className="flex flex-col gap-4">
      <div>
        <div className="flex items-baseline justify-between gap-3">
          <span className="font-medium">From {clock(start)}</span>
          <span className="text-muted text-sm">
            to {clock(Math.min(start + PREVIEW_SECONDS, seconds ?? Number.POSITIVE_INFINITY))}
          </span>
        </div>
        <Slider
          label="Where the preview begins"
          value={start}
          min={0}
          max={Math.max(last, 1)}
          step={1}
          format={clock}
          disabled={last === 0}
          onChange={(previewStart) => choose({ previewStart })}
        />
      </div>
      {(!preview.current || !isReady(preview)) && !preview.making && (
        <Button className="self-start" busy={preview.asking} disabled={blocked} onClick={ask}>
          <Icon of={Headphones} />
          {preview.fusion ? 'Listen to this instead' : 'Listen to a preview'}
        </Button>
      )}
      {preview.error !== null && !preview.asking && (
        <ObstacleNotice failure={failureOf(preview.error)} songs={songs} onRetry={ask} retrying={preview.asking} />
      )}
      {preview.making && preview.fusion && <Making fusionId={preview.fusion.fusionId} onCancel={preview.cancel} />}
      {preview.fusion?.status === FusionStatus.FAILED && preview.current && (
        <Notice
          kind="error"
          action={
            <Button size="small" busy={preview.asking} onClick={ask}>
              Try again
            </Button>
          }
        >
          {preview.fusion.work?.failure?.message || 'This preview could not be made.'}
        </Notice>
      )}
      {isReady(preview) && preview.fusion && <Ready key={preview.fusion.fusionId} preview={preview} wanted={wanted} />}
    </Card>
  );
}

function isReady({ fusion }: Preview): boolean {
  return fusion?.status === FusionStatus.COMPLETED;
}

function Making({ fusionId, onCancel }: { readonly fusionId: string; readonly onCancel: () => void }) {
  const work = useJob(fusionId)?.work;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <div className="min-w-40 flex-1">
        <p role="status" className="text-sm">
          Making the preview{etaWords(work?.etaSeconds)}
        </p>
        <Progress label="Making the preview" value={work?.progress} className="mt-1.5" />
      </div>
      <Button size="small" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}

interface ReadyProps {
  readonly preview: Preview;
  /** Whether the person waits to hear it. */
  readonly wanted: { current: boolean };
}

function Ready({ preview, wanted }: ReadyProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const heard = useHeard(audio);
  const { play, toggle, seek } = usePlaying(audio);
  const address = usePlayAddress(preview.fusion?.fusionId, FusionFormat.FLAC);
  useEffect(() => {
    if (!address.data || !wanted.current) return;
    wanted.current = false;
    play();
  }, [address.data, wanted, play]);
  const start = preview.fusion?.preview?.startSeconds ?? 0;
  return (
    <div>
      {/* biome-ignore lint/a11y/useMediaCaption: music that a person has just mixed has no captions */}
      <audio ref={audio} src={address.data} preload="auto" />
      <PlayBar label="the preview" {...heard} disabled={!address.data} onToggle={toggle} onSeek={seek} />
      <p className="mt-1 text-muted text-sm">
        {preview.current
          ? `This is ${clock(start)} to ${clock(start + heard.duration)} of the song.`
          : 'This is how it was before you changed something.'}
      </p>
      {(heard.broken || address.isError) && (
        <Notice
          kind="error"
          className="mt-3"
          action={
            <Button size="small" busy={address.isFetching} onClick={() => void address.refetch()}>
              Try again
            </Button>
          }
        >
          The preview could not be played.
        </Notice>
      )}
    </div>
  );
}
