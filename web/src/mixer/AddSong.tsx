import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { library } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { CardStatus, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys } from '@/api/queries';
import { Button, Dialog, Field, Icon, LinkButton, Notice, Spinner, TextInput } from '@/design';
import { useMix } from './mix';

/** Finds a song of the library and adds its stems to the mix. */
export function AddSong() {
  const [open, setOpen] = useState(false);
  const trigger = (
    <Button>
      <Icon of={Plus} />
      Add a song
    </Button>
  );
  return (
    <Dialog
      trigger={trigger}
      open={open}
      onOpenChange={setOpen}
      title="Add a song"
      description="All its stems join the mix; take out what you don’t want."
    >
      <Search />
    </Dialog>
  );
}

function Search() {
  const [text, setText] = useState('');
  const search = useDeferredValue(text.trim());
  const params = { search, pageSize: 8 };
  const found = useQuery({
    queryKey: keys.cards(params),
    queryFn: ({ signal }) => library.listCards(params, { signal }),
    placeholderData: (before) => before,
  });
  const cards = found.data?.cards ?? [];
  return (
    <div className="flex flex-col gap-4">
      <Field label="Title or file name">
        <TextInput type="search" value={text} maxLength={200} onChange={(event) => setText(event.target.value)} />
      </Field>
      {found.error && <Notice kind="error">{failureOf(found.error).message}</Notice>}
      {found.isPending && <Spinner />}
      <ul className="flex flex-col divide-y divide-line" aria-label="Songs found">
        {cards.map((card) => (
          <Found key={card.trackId} card={card} />
        ))}
      </ul>
      {found.data && cards.length === 0 && (
        <p className="text-muted" role="status">
          {search ? 'No song is called that.' : 'Your library is empty. Bring a song first.'}
        </p>
      )}
      {found.data && Number(found.data.total) > cards.length && (
        <p className="text-muted text-sm">{Number(found.data.total) - cards.length} more: type a part of the title.</p>
      )}
      <LinkButton href="/library" variant="quiet" className="self-start">
        Go to the library
      </LinkButton>
    </div>
  );
}

function Found({ card }: { readonly card: TrackCard }) {
  const add = useMix((mix) => mix.add);
  const there = useMix((mix) => mix.voices.some((voice) => voice.trackId === card.trackId));
  const apart = card.status === CardStatus.SEPARATED || card.playableSeconds > 0;
  return (
    <li className="flex items-center justify-between gap-3 py-2.5">
      <span className="min-w-0">
        <span className="block truncate font-medium">{card.title}</span>
        {!apart && <span className="text-muted text-sm">not taken apart yet</span>}
      </span>
      <Button
        size="small"
        disabled={there || !apart}
        onClick={() => add(card.trackId, 'all')}
        aria-label={there ? `${card.title} is in the mix` : `Add ${card.title}`}
      >
        {there ? 'In the mix' : 'Add'}
      </Button>
    </li>
  );
}
