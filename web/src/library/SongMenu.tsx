import { EllipsisVertical, Trash2, Waves } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Button, Icon, Menu } from '@/design';
import { DeleteSongsDialog } from './DeleteSongsDialog';

/** What else can be done with a song. */
export function SongMenu({ card }: { readonly card: TrackCard }) {
  const [deleting, setDeleting] = useState(false);
  const [, go] = useLocation();
  return (
    <>
      <Menu
        heading={card.title}
        trigger={
          <Button variant="quiet" size="small" aria-label={`More for ${card.title}`} className="aspect-square px-0">
            <Icon of={EllipsisVertical} className="size-5" />
          </Button>
        }
        items={[
          { label: 'Open the song', icon: Waves, onSelect: () => go(`/tracks/${card.trackId}`) },
          'line',
          { label: 'Delete', icon: Trash2, danger: true, onSelect: () => setDeleting(true) },
        ]}
      />
      {deleting && <DeleteSongsDialog songs={[card]} open onOpenChange={setDeleting} />}
    </>
  );
}
