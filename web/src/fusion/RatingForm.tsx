import { useMutation } from '@tanstack/react-query';
import { Star } from 'lucide-react';
import { useId, useState } from 'react';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, Card, cx, Icon, Notice, showToast } from '@/design';

const STARS = [1, 2, 3, 4, 5];
const LONGEST_COMMENT = 2000;

/** What a person thinks of the song: stars and a comment. */
export function RatingForm({ fusion: { fusionId, rating } }: { readonly fusion: Fusion }) {
  const [stars, setStars] = useState(rating?.stars ?? 0);
  const [comment, setComment] = useState(rating?.comment ?? '');
  const [missing, setMissing] = useState(false);
  const id = useId();
  const rate = useMutation({
    mutationFn: () => fusions.rateFusion({ fusionId, stars, comment: comment.trim() }),
    onSuccess: (rated) => {
      queryClient.setQueryData(keys.fusion(fusionId), rated);
      showToast({ kind: 'success', text: 'Thank you. Your rating is kept.' });
    },
  });
  const changed = stars !== (rating?.stars ?? 0) || comment.trim() !== (rating?.comment ?? '');
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-xl">
        How is it?
      </h2>
      <Card>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            setMissing(stars === 0);
            if (stars > 0 && !rate.isPending) rate.mutate();
          }}
        >
          <Stars
            stars={stars}
            onChange={(next) => {
              setStars(next);
              setMissing(false);
            }}
          />
          {missing && <p className="text-danger text-sm">Choose 1 to 5 stars.</p>}
          <div className="flex flex-col gap-1.5">
            <label htmlFor={`${id}-comment`} className="font-medium">
              Comment
            </label>
            <textarea
              id={`${id}-comment`}
              rows={2}
              value={comment}
              maxLength={LONGEST_COMMENT}
              onChange={(event) => setComment(event.target.value)}
              className="w-full rounded-control border border-outline bg-raised px-3.5 py-2.5 text-ink"
            />
          </div>
          {changed && (
            <Button type="submit" size="small" className="self-start" busy={rate.isPending}>
              Keep my rating
            </Button>
          )}
        </form>
        {rate.error && (
          <Notice kind="error" className="mt-4">
            {failureOf(rate.error).message}
          </Notice>
        )}
      </Card>
    </section>
  );
}

function Stars({ stars, onChange }: { readonly stars: number; readonly onChange: (stars: number) => void }) {
  const name = useId();
  return (
    <fieldset>
      <legend className="sr-only">Stars</legend>
      <div className="-ml-1.5 flex">
        {STARS.map((each) => (
          <label
            key={each}
            className="grid size-11 cursor-pointer place-items-center rounded-control has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={stars === each}
              onChange={() => onChange(each)}
              aria-label={`${each} star${each > 1 ? 's' : ''}`}
            />
            <Icon of={Star} className={cx('size-7', each <= stars ? 'fill-current text-accent' : 'text-outline')} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
