import { create } from '@bufbuild/protobuf';
import { useMutation } from '@tanstack/react-query';
import { tracks } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { type TrackCard, TrackCardSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys, queryClient } from '@/api/queries';
import { EditableTitle } from '@/design';

const LONGEST_TITLE = 200;

/** The song's title, to be changed where it stands. */
export function SongTitle({ card: { trackId, title } }: { readonly card: TrackCard }) {
  const renaming = useMutation({
    mutationFn: (next: string) =>
      tracks.updateTrack({ track: { trackId, title: next }, updateMask: { paths: ['title'] } }),
    onSuccess: (renamed) => {
      // The library learns of it a moment later; until then it must not say the old name here.
      queryClient.setQueryData<TrackCard>(
        keys.card(trackId),
        (card) => card && create(TrackCardSchema, { ...card, title: renamed.title }),
      );
      void queryClient.invalidateQueries({ queryKey: keys.cards() });
    },
  });
  return (
    <EditableTitle
      title={title}
      label="Rename the song"
      longest={LONGEST_TITLE}
      busy={renaming.isPending}
      error={renaming.error ? failureOf(renaming.error).message : undefined}
      onSave={renaming.mutateAsync}
    />
  );
}
