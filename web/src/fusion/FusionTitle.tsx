import { useMutation } from '@tanstack/react-query';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { EditableTitle } from '@/design';

const LONGEST_TITLE = 200;

/** The song's title, to be changed where it stands. */
export function FusionTitle({ fusion: { fusionId, title } }: { readonly fusion: Fusion }) {
  const renaming = useMutation({
    mutationFn: (next: string) =>
      fusions.updateFusion({ fusion: { fusionId, title: next }, updateMask: { paths: ['title'] } }),
    onSuccess: (renamed) => {
      queryClient.setQueryData(keys.fusion(fusionId), renamed);
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
    },
  });
  return (
    <EditableTitle
      title={title}
      label="Rename"
      longest={LONGEST_TITLE}
      busy={renaming.isPending}
      error={renaming.error ? failureOf(renaming.error).message : undefined}
      onSave={renaming.mutateAsync}
    />
  );
}
