import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { library, separations } from '@/api/clients';
import { type Failure, failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys } from '@/api/queries';
import type { StemSource } from './engine/source';
import { type OpenStem, openStems } from './opening';
import { chooseStems } from './stem_choice';
import type { StemName } from './stem_names';

/** A stem that can be listened to. */
export interface TrackStem {
  readonly type: StemName;
  readonly source: StemSource;
  /** Empty while it is being made. */
  readonly stemId: string;
  /** A name of ListModels: what made it. */
  readonly model: string;
  /** Whether it is still being made: it can be heard up to `source.playableFrames`. */
  readonly early: boolean;
}

/** The stems of a track, as far as there are any. */
export interface TrackStems {
  readonly trackId: string;
  /** Undefined until it is known. */
  readonly card: TrackCard | undefined;
  /** `none`: nobody has taken this track apart yet. */
  readonly status: 'loading' | 'none' | 'early' | 'ready' | 'failed';
  /** In the order of `STEM_NAMES`. */
  readonly stems: readonly TrackStem[];
  readonly failure: Failure | undefined;
  /** Asks again after a failure. */
  retry(): void;
}

/** The stems of a track, opened for as long as the component is there. */
export function useTrackStems(trackId: string): TrackStems {
  const ids = useMemo(() => [trackId], [trackId]);
  const [stems] = useTracksStems(ids);
  if (!stems) throw new Error('A track has no entry.');
  return stems;
}

/** The stems of several tracks, in the order of `trackIds`. */
export function useTracksStems(trackIds: readonly string[]): readonly TrackStems[] {
  const cards = useQueries({
    queries: trackIds.map((trackId) => ({
      queryKey: keys.card(trackId),
      queryFn: ({ signal }: { signal: AbortSignal }) => library.getCard({ trackId }, { signal }),
    })),
  });
  const lists = useQueries({
    queries: trackIds.map((trackId) => ({
      queryKey: keys.stems(trackId),
      queryFn: ({ signal }: { signal: AbortSignal }) => separations.listStems({ trackId }, { signal }),
    })),
  });
  const choices = trackIds.map((_, i) => {
    const card = cards[i]?.data;
    const listed = lists[i]?.data;
    return card && listed ? { card, stems: chooseStems(listed, card) } : undefined;
  });
  const open = useOpenStems(choices);
  return trackIds.map((trackId, i) => {
    const card = cards[i];
    const listed = lists[i];
    const error = card?.error ?? listed?.error;
    const stems = open.get(trackId) ?? NO_STEMS;
    const chosen = choices[i];
    return {
      trackId,
      card: card?.data,
      status: !chosen ? (error ? 'failed' : 'loading') : statusOf(chosen.stems.length, stems),
      stems,
      failure: !chosen && error ? failureOf(error) : undefined,
      retry: () => {
        void card?.refetch();
        void listed?.refetch();
      },
    };
  });
}

function statusOf(chosen: number, stems: readonly TrackStem[]): TrackStems['status'] {
  if (chosen === 0) return 'none';
  if (stems.length === 0) return 'loading';
  return stems.some((stem) => stem.early) ? 'early' : 'ready';
}

type Choices = readonly ({ card: TrackCard; stems: ReturnType<typeof chooseStems> } | undefined)[];

const NO_STEMS: readonly TrackStem[] = [];
const NOTHING: ReadonlyMap<string, readonly TrackStem[]> = new Map();

/** Opens what was chosen, and opens anew only when the choice is another. */
function useOpenStems(choices: Choices): ReadonlyMap<string, readonly TrackStem[]> {
  const [open, setOpen] = useState(NOTHING);
  const identity = choices
    .flatMap((choice) =>
      choice?.stems.map((one) => ('stem' in one ? one.stem.stemId : `${one.progress.separationId}/${one.type}`)),
    )
    .join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: answers are new objects each time they are fetched; `identity` says whether they mean other stems.
  useEffect(() => {
    const opened = choices.flatMap((choice) =>
      choice ? [{ card: choice.card, opened: openStems(choice.card, choice.stems) }] : [],
    );
    setOpen(new Map(opened.map(({ card, opened }) => [card.trackId, opened.map((one: OpenStem) => one.stem)])));
    return () => {
      for (const one of opened.flatMap((track) => track.opened)) one.giveBack();
    };
  }, [identity]);
  return open;
}
