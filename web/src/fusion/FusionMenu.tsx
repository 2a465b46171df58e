import { useMutation } from '@tanstack/react-query';
import { GitBranch, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, ConfirmDialog, Icon, Notice, showToast } from '@/design';
import { beginVariation, wouldReplace } from './beginning';

/** What else can be done with a song: another one like it, or its end. */
export function FusionMenu({ fusion }: { readonly fusion: Fusion }) {
  const [asked, setAsked] = useState<'variation' | 'deletion'>();
  const [, navigate] = useLocation();
  const vary = () => {
    const { left } = beginVariation(fusion);
    if (left > 0)
      showToast({ text: 'What the stems leave of a song can’t be mixed here: the variation begins without it.' });
    navigate('/fuse');
  };
  const deletion = useMutation({
    mutationFn: () => fusions.deleteFusion({ fusionId: fusion.fusionId }),
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: keys.fusion(fusion.fusionId) });
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
      void queryClient.invalidateQueries({ queryKey: keys.usage() });
      showToast({ kind: 'success', text: `“${fusion.title}” was deleted.` });
      navigate('/library');
    },
  });
  const close = (open: boolean) => !open && setAsked(undefined);
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => (wouldReplace(fusion) ? setAsked('variation') : vary())}>
        <Icon of={GitBranch} />
        Make a variation
      </Button>
      <Button variant="quiet" className="text-danger!" onClick={() => setAsked('deletion')}>
        <Icon of={Trash2} />
        Delete
      </Button>
      <ConfirmDialog
        open={asked === 'variation'}
        onOpenChange={close}
        title="Replace your mix?"
        confirm="Begin the variation"
        danger={false}
        onConfirm={vary}
      >
        The variation begins with the stems and settings of this song. They take the place of what is in your mix now.
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === 'deletion'}
        onOpenChange={close}
        title={`Delete “${fusion.title}”?`}
        confirm="Delete the song"
        busy={deletion.isPending}
        onConfirm={() => deletion.mutate()}
      >
        The song and its files will be gone for good. The songs it was made of stay.
        {deletion.error && (
          <Notice kind="error" className="mt-4">
            {failureOf(deletion.error).message}
          </Notice>
        )}
      </ConfirmDialog>
    </div>
  );
}
