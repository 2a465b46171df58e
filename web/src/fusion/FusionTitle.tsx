import { useMutation } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, Field, Icon, TextInput } from '@/design';

const LONGEST_TITLE = 200;

/** The song's title, to be changed where it stands. */
export function FusionTitle({ fusion: { fusionId, title } }: { readonly fusion: Fusion }) {
  const [typed, setTyped] = useState<string>();
  const button = useRef<HTMLButtonElement>(null);
  const ended = useRef(false);
  const close = () => {
    ended.current = true;
    setTyped(undefined);
  };
  const renaming = useMutation({
    mutationFn: (next: string) =>
      fusions.updateFusion({ fusion: { fusionId, title: next }, updateMask: { paths: ['title'] } }),
    onSuccess: (renamed) => {
      queryClient.setQueryData(keys.fusion(fusionId), renamed);
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
      close();
    },
  });
  useEffect(() => {
    if (typed !== undefined || !ended.current) return;
    ended.current = false;
    button.current?.focus();
  }, [typed]);
  if (typed === undefined) {
    return (
      <div className="flex items-start gap-2">
        <h1 className="min-w-0 break-words text-3xl sm:text-4xl">{title}</h1>
        <Button ref={button} variant="quiet" size="small" aria-label="Rename" onClick={() => setTyped(title)}>
          <Icon of={Pencil} />
        </Button>
      </div>
    );
  }
  return (
    <form
      className="flex max-w-2xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!renaming.isPending) renaming.mutate(typed);
      }}
    >
      <h1 className="sr-only">{title}</h1>
      <Field label="Title" error={renaming.error ? failureOf(renaming.error).message : undefined}>
        <TextInput
          autoFocus
          value={typed}
          maxLength={LONGEST_TITLE}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && close()}
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="primary" size="small" busy={renaming.isPending}>
          Save
        </Button>
        <Button size="small" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
