import { Check, Download, Package, Plus } from 'lucide-react';
import { useState } from 'react';
import { separations } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { AudioFormat, type Separation } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { Button, Icon, LinkButton, Notice, Select } from '@/design';
import { STEM_FILLS, STEM_LABELS, type TrackStem } from '@/listening';
import { useMix, voiceKey } from '@/mixer/mix';
import { artefactWords } from '../models';
import { useModels } from '../song';
import { useDownload } from './downloading';

interface StemsCardProps {
  readonly trackId: string;
  /** Those that are done. */
  readonly stems: readonly TrackStem[];
  /** The newest one that is done. */
  readonly separation: Separation | undefined;
}

const FORMATS = [
  { value: 'flac', label: 'FLAC, nothing lost', format: AudioFormat.FLAC },
  { value: 'wav', label: 'WAV, nothing lost, large', format: AudioFormat.WAV },
  { value: 'mp3', label: 'MP3, small', format: AudioFormat.MP3 },
] as const;

type FormatName = (typeof FORMATS)[number]['value'];

/** The song's stems: into the mix, or onto one's own computer. */
export function StemsCard({ trackId, stems, separation }: StemsCardProps) {
  const [name, setName] = useState<FormatName>('flac');
  const format = FORMATS.find(({ value }) => value === name)?.format ?? AudioFormat.FLAC;
  const download = useDownload();
  const voices = useMix((mix) => mix.voices);
  const add = useMix((mix) => mix.add);
  const inMix = new Set(voices.map((voice) => voice.key));
  const all = stems.every(({ type }) => inMix.has(voiceKey(trackId, type)));
  const any = stems.some(({ type }) => inMix.has(voiceKey(trackId, type)));
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant={any ? 'secondary' : 'primary'}
          disabled={all}
          onClick={() => {
            for (const { type } of stems) add(trackId, type);
          }}
        >
          <Icon of={all ? Check : Plus} />
          {all ? 'All stems are in your mix' : 'Add all to mix'}
        </Button>
        {any && (
          <LinkButton href="/mix" variant={all ? 'primary' : 'secondary'}>
            Go to your mix
          </LinkButton>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label="Format of downloads"
          value={name}
          options={FORMATS}
          onChange={setName}
          className="max-w-80"
        />
        {separation && (
          <Button
            busy={download.isPending}
            onClick={() =>
              download.mutate(() =>
                separations.getArchiveDownloadUrl({ separationId: separation.separationId, format }),
              )
            }
          >
            <Icon of={Package} />
            All as a zip
          </Button>
        )}
      </div>
      <ul className="flex flex-col divide-y divide-line rounded-control border border-line">
        {stems.map(({ type, stemId }) => {
          const added = inMix.has(voiceKey(trackId, type));
          return (
            <li key={type} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
              <span aria-hidden className={`size-3 rounded-full ${STEM_FILLS[type]}`} />
              <span className="min-w-20 flex-1 font-medium">{STEM_LABELS[type]}</span>
              <span className="flex gap-2">
                <Button
                  size="small"
                  disabled={added}
                  aria-label={`${added ? 'In mix' : 'Add to mix'}: ${STEM_LABELS[type]}`}
                  onClick={() => add(trackId, type)}
                >
                  <Icon of={added ? Check : Plus} />
                  {added ? 'In mix' : 'Add to mix'}
                </Button>
                <Button
                  size="small"
                  aria-label={`Download ${STEM_LABELS[type]} as ${name.toUpperCase()}`}
                  onClick={() => download.mutate(() => separations.getStemDownloadUrl({ stemId, format }))}
                >
                  <Icon of={Download} />
                  {name.toUpperCase()}
                </Button>
              </span>
            </li>
          );
        })}
      </ul>
      <p role="status" className={download.isPending ? 'text-muted' : 'sr-only'}>
        {download.isPending && 'The file is being prepared; it comes by itself.'}
      </p>
      {download.error && <Notice kind="error">{failureOf(download.error).message}</Notice>}
      {separation && <MadeHow separation={separation} />}
    </div>
  );
}

/** What made the stems, what that means for the ear and the law, and the proof that nothing was lost. */
function MadeHow({ separation: { model, nullTest, stemModels } }: { readonly separation: Separation }) {
  const models = useModels();
  const names = [model, ...stemModels.map((one) => one.model)];
  const used = (models.data ?? []).filter((one) => names.includes(one.name));
  return (
    <div className="flex flex-col gap-1.5 text-muted">
      {nullTest?.exact && (
        <p>
          <Icon of={Check} className="mr-1.5 inline text-success" />
          <span className="text-ink">
            With what they leave over, the stems add up to your song exactly, sample by sample.
          </span>
          {nullTest.depthDb !== undefined &&
            nullTest.depthDb > 0 &&
            ` What is left over is ${Math.round(nullTest.depthDb)} dB softer than the song.`}
        </p>
      )}
      {used.map((one) => (
        <p key={one.name}>
          Made by {one.name}. {artefactWords(one)} Licence of its weights: {one.license}
        </p>
      ))}
    </div>
  );
}
