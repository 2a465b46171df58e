import { Check, Pencil, X } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Button, Icon, TextInput } from '@/design';
import { renameSong } from './deeds';

const LONGEST = 200;

/** A song's title: it leads to the song, and can be changed in place. */
export function SongTitle({ card: { trackId, title } }: { readonly card: TrackCard }) {
  const [editing, setEditing] = useState(false);
  const edited = useRef(false);
  const done = () => {
    setEditing(false);
    edited.current = true;
  };
  // The focus goes back to where it came from, once that is there again.
  const takeFocusBack = (button: HTMLButtonElement | null) => {
    if (!button || !edited.current) return;
    edited.current = false;
    button.focus();
  };
  if (editing) return <TitleForm trackId={trackId} title={title} onDone={done} />;
  return (
    <div className="flex min-w-0 items-center gap-1">
      <Link href={`/tracks/${trackId}`} className="truncate font-semibold underline-offset-4 hover:underline">
        {title}
      </Link>
      <Button
        ref={takeFocusBack}
        variant="quiet"
        size="small"
        aria-label={`Rename ${title}`}
        onClick={() => setEditing(true)}
        className="aspect-square min-h-8 px-0 text-muted opacity-0 focus-visible:opacity-100 group-hover/song:opacity-100 pointer-coarse:opacity-100"
      >
        <Icon of={Pencil} />
      </Button>
    </div>
  );
}

function TitleForm({
  trackId,
  title,
  onDone,
}: {
  readonly trackId: string;
  readonly title: string;
  readonly onDone: () => void;
}) {
  const [typed, setTyped] = useState(title);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const errorId = useId();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      if (typed.trim() !== title) await renameSong(trackId, typed);
      onDone();
    } catch (error) {
      setFailed(failureOf(error).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)} className="min-w-0">
      <div className="flex gap-1.5">
        <TextInput
          aria-label={`New title of ${title}`}
          aria-invalid={failed !== ''}
          aria-describedby={failed ? errorId : undefined}
          value={typed}
          maxLength={LONGEST}
          autoFocus
          onFocus={({ target }) => target.select()}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={({ key }) => key === 'Escape' && onDone()}
          className="min-h-9"
        />
        <Button
          type="submit"
          variant="primary"
          size="small"
          busy={busy}
          aria-label="Save the title"
          className="aspect-square px-0"
        >
          <Icon of={Check} />
        </Button>
        <Button size="small" aria-label="Keep the old title" onClick={onDone} className="aspect-square px-0">
          <Icon of={X} />
        </Button>
      </div>
      {failed && (
        <p id={errorId} role="alert" className="mt-1 text-danger text-sm">
          {failed}
        </p>
      )}
    </form>
  );
}
