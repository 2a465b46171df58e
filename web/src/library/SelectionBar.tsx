import { SlidersHorizontal, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Button, Icon, showToast } from '@/design';
import { DeleteSongsDialog } from './DeleteSongsDialog';
import { addToMix } from './deeds';
import { selectOnly, useSelection } from './selection';

/** What can be done with all songs that are ticked; absent while none is. */
export function SelectionBar({ cards }: { readonly cards: readonly TrackCard[] }) {
  const trackIds = useSelection((state) => state.trackIds);
  const [deleting, setDeleting] = useState(false);
  const [, go] = useLocation();
  const chosen = cards.filter((card) => trackIds.has(card.trackId));
  const ready = chosen.filter((card) => card.stems.length > 0);
  if (chosen.length === 0) return null;
  const add = () => {
    for (const card of ready) addToMix(card);
    selectOnly([]);
    showToast({
      kind: 'success',
      text: `${songs(ready.length)} added to your mix.`,
      action: { label: 'Go to the mix', onClick: () => go('/mix') },
    });
  };
  return (
    <section
      aria-label="Chosen songs"
      className="sticky bottom-3 z-20 flex flex-wrap items-center gap-2.5 rounded-card border border-line bg-raised p-3 pl-5 shadow-float"
    >
      <p role="status" className="mr-auto font-medium">
        {songs(chosen.length)} chosen
      </p>
      <Button variant="primary" size="small" disabled={ready.length === 0} onClick={add}>
        <Icon of={SlidersHorizontal} />
        {ready.length === chosen.length || ready.length === 0 ? 'Add to mix' : `Add the ${ready.length} that are ready`}
      </Button>
      <Button size="small" onClick={() => setDeleting(true)}>
        <Icon of={Trash2} />
        Delete
      </Button>
      <Button variant="quiet" size="small" onClick={() => selectOnly([])}>
        <Icon of={X} />
        Choose none
      </Button>
      <DeleteSongsDialog songs={chosen} open={deleting} onOpenChange={setDeleting} />
    </section>
  );
}

const songs = (count: number) => (count === 1 ? '1 song' : `${count} songs`);
