import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { separations } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Model } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, cx, Dialog, Notice, Skeleton } from '@/design';
import { STEM_LABELS } from '@/listening';
import { newKey } from '../attempt';
import { artefactWords, costWords, type QualityChoice, qualityChoices } from '../models';
import { useModels } from '../song';
import { stemNamesOf } from './names';

interface SeparateDialogProps {
  readonly trackId: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** How the song is to be taken apart: a quality, or a certain model. */
export function SeparateDialog({ trackId, open, onOpenChange }: SeparateDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Take the song apart"
      description="Stems that are there already stay until the new ones are done."
      className="max-w-2xl"
    >
      <Choices trackId={trackId} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Choices({ trackId, onDone }: { readonly trackId: string; readonly onDone: () => void }) {
  const models = useModels();
  const [chosen, setChosen] = useState('standard');
  const [key] = useState(newKey);
  const qualities = qualityChoices(models.data ?? []);
  const others = (models.data ?? []).filter((model) => model.present);
  const separating = useMutation({
    mutationFn: () =>
      separations.createSeparation({ trackId, idempotencyKey: `${key} ${chosen}`, ...wished(chosen, qualities) }),
    onSuccess: () => {
      for (const stale of [keys.stems(trackId), keys.card(trackId), keys.cards()])
        void queryClient.invalidateQueries({ queryKey: stale });
      onDone();
    },
  });
  if (models.isPending) return <Skeleton className="h-48" />;
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!separating.isPending) separating.mutate();
      }}
    >
      {models.error && <Notice kind="error">{failureOf(models.error).message}</Notice>}
      <fieldset className="flex flex-col gap-2.5">
        <legend className="mb-2 font-medium">How good should it be?</legend>
        {qualities.map((choice) => (
          <Way
            key={choice.label}
            value={choice.label.toLowerCase()}
            chosen={chosen}
            onChoose={setChosen}
            title={choice.label}
            hint={choice.hint}
            model={choice.model}
          />
        ))}
      </fieldset>
      {others.length > 1 && (
        <details className="rounded-control border border-line p-3.5">
          <summary className="font-medium">Or choose a model</summary>
          <fieldset className="mt-3 flex flex-col gap-2.5">
            <legend className="sr-only">Model</legend>
            {others.map((model) => (
              <Way
                key={model.name}
                value={`model ${model.name}`}
                chosen={chosen}
                onChoose={setChosen}
                title={model.name}
                hint={`${model.description} ${costWords(model.relativeCost)}`}
                model={model}
              />
            ))}
          </fieldset>
        </details>
      )}
      {separating.error && <Notice kind="error">{failureOf(separating.error).message}</Notice>}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" busy={separating.isPending} disabled={others.length === 0}>
          Take it apart
        </Button>
      </div>
    </form>
  );
}

interface WayProps {
  readonly value: string;
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
  readonly title: string;
  readonly hint: string;
  readonly model: Model;
}

function Way({ value, chosen, onChoose, title, hint, model }: WayProps) {
  return (
    <label
      className={cx(
        'flex cursor-pointer items-start gap-3 rounded-control border border-line bg-raised p-3.5 hover:border-outline',
        'has-checked:border-accent has-checked:bg-accent-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2',
      )}
    >
      <input
        type="radio"
        name="way"
        value={value}
        checked={value === chosen}
        onChange={() => onChoose(value)}
        className="mt-1 size-4 shrink-0 outline-none"
      />
      <span className="min-w-0 flex-1">
        <span className="font-medium">{title}</span>
        <span className="block text-muted text-sm">{hint}</span>
        <span className="block text-sm">{artefactWords(model)}</span>
        <span className="block text-muted text-sm">
          Stems:{' '}
          {stemNamesOf(model.stemTypes)
            .map((name) => STEM_LABELS[name])
            .join(', ')}
          . Licence of the weights: {model.license}
        </span>
      </span>
    </label>
  );
}

function wished(chosen: string, qualities: readonly QualityChoice[]) {
  if (chosen.startsWith('model ')) return { model: chosen.slice('model '.length) };
  const choice = qualities.find(({ label }) => label.toLowerCase() === chosen) ?? qualities[0];
  return choice ? { quality: choice.quality } : {};
}
