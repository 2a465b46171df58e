import { useState } from 'react';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { ConfirmDialog, Notice, showToast } from '@/design';
import { deleteSongs } from './deeds';
import { selectOnly } from './selection';

interface DeleteSongsDialogProps {
  readonly songs: readonly TrackCard[];
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Asks before songs are deleted, and says when that did not work. */
export function DeleteSongsDialog({ songs, open, onOpenChange }: DeleteSongsDialogProps) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const one = songs.length === 1;
  const remove = async () => {
    setBusy(true);
    const { kept, why } = await deleteSongs(songs.map((card) => card.trackId));
    setBusy(false);
    setFailed(why);
    selectOnly(kept);
    if (kept.length > 0) return;
    onOpenChange(false);
    showToast({
      kind: 'success',
      text: one ? `“${songs[0]?.title}” was deleted.` : `${songs.length} songs were deleted.`,
    });
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={one ? `Delete “${songs[0]?.title}”?` : `Delete ${songs.length} songs?`}
      confirm={one ? 'Delete the song' : `Delete ${songs.length} songs`}
      busy={busy}
      onConfirm={() => void remove()}
    >
      {one ? 'The song, its parts' : 'The songs, their parts'} and everything that was heard and corrected are gone for
      good. Songs that you have already fused stay.
      {failed && (
        <Notice kind="error" className="mt-4">
          Not everything could be deleted. {failed}
        </Notice>
      )}
    </ConfirmDialog>
  );
}
