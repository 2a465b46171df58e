import { AudioLines, RotateCcw } from 'lucide-react';
import { type ReactNode, useEffect, useId } from 'react';
import { failureOf } from '@/api/failures';
import { Button, EmptyState, Icon, LinkButton, Notice, Skeleton } from '@/design';
import { isStemName } from '@/listening/stem_names';
import { useMix, type Voice } from '@/mixer/mix';
import { type Choices, USUAL } from './choices';
import { FileChoices } from './FileChoices';
import { FuseForm } from './FuseForm';
import { choose, chooseAfresh, useFuse } from './fuse_state';
import { MatchingChoices } from './MatchingChoices';
import { MixSummary } from './MixSummary';
import { ObstacleNotice } from './ObstacleNotice';
import { PlanCards } from './PlanCards';
import { PreviewListen } from './PreviewListen';
import { rankOf, songSeconds, usePlans } from './plans';
import { ReceiptFile } from './ReceiptFile';
import { fusionRequest } from './request';
import { type Songs, useSongs } from './songs';
import { useWrongFields, wrongWords } from './wrong_fields';

/** The way from a mix to a song: how songs come together, a preview, the files, and the song itself. */
export default function FusePage() {
  const voices = useMix((mix) => mix.voices);
  const choices = useFuse((state) => state.choices);
  const trackIds = [...new Set(voices.map(({ trackId }) => trackId))];
  const songs = useSongs(trackIds);
  useSettledStems(songs);
  return (
    <div className="flex flex-col gap-8">
      <header className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-3xl sm:text-4xl">Fuse</h1>
          <p className="mt-1 max-w-prose text-muted">
            Your stems become one song. The usual settings suit most songs: listen to a preview, then fuse.
          </p>
        </div>
        {voices.length > 0 && isChanged(choices) && (
          <Button variant="quiet" size="small" onClick={chooseAfresh}>
            <Icon of={RotateCcw} />
            Usual settings
          </Button>
        )}
      </header>
      {voices.length === 0 ? (
        <NothingToFuse />
      ) : (
        <Way voices={voices} choices={choices} trackIds={trackIds} songs={songs} />
      )}
      <ReceiptFile />
    </div>
  );
}

function isChanged(choices: Choices): boolean {
  return JSON.stringify({ ...USUAL, ...choices }) !== JSON.stringify(USUAL);
}

function NothingToFuse() {
  return (
    <EmptyState
      icon={AudioLines}
      title="There is nothing in your mix yet"
      action={
        <>
          <LinkButton variant="primary" href="/library">
            Choose songs
          </LinkButton>
          <LinkButton href="/mix">Open the mix</LinkButton>
        </>
      }
    >
      <p>
        A fusion is made of stems: the voice of one song, say, over the drums and bass of another. Add stems to your mix
        first; they appear here.
      </p>
    </EmptyState>
  );
}

interface WayProps {
  readonly voices: readonly Voice[];
  readonly choices: Choices;
  readonly trackIds: readonly string[];
  readonly songs: Songs;
}

function Way({ voices, choices, trackIds, songs }: WayProps) {
  const chosen = useFuse((state) => state.plan);
  const title = useMix((mix) => mix.title);
  const plans = usePlans(voices, choices);
  const matched = choices.matching !== 'none';
  const rank = Math.min(rankOf(chosen, plans.wish), Math.max(1, plans.data?.length ?? 1));
  const plan = matched ? plans.data?.find((each) => each.rank === rank) : undefined;
  const unplanned = matched && (plans.isError || (plans.outdated && !plans.data));
  const wrong = wrongWords(useWrongFields());
  const obstacle = wrong ?? (unplanned ? 'Something above has to be settled first.' : undefined);
  const several = trackIds.length > 1;
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)] xl:gap-12">
      <div className="flex min-w-0 flex-col gap-8">
        <Part title="What is in it">
          <Variation choices={choices} />
          <MixSummary voices={voices} songs={songs} />
        </Part>
        <Part title={several ? 'How the songs come together' : 'What happens to the song'}>
          <MatchingChoices choices={choices} trackIds={trackIds} songs={songs} />
        </Part>
        {matched && (
          <Part title="Plans">
            {plans.error && !plans.isFetching && (
              <ObstacleNotice
                failure={failureOf(plans.error)}
                songs={songs}
                onRetry={() => void plans.refetch()}
                retrying={plans.isFetching}
              />
            )}
            {!plans.data && !plans.error && <Thinking />}
            {plans.data && !plans.isError && (
              <PlanCards
                plans={plans.data}
                rank={rank}
                songs={songs}
                outdated={plans.outdated}
                onChoose={(next) => useFuse.setState({ plan: { wish: plans.wish, rank: next } })}
              />
            )}
          </Part>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-8 lg:sticky lg:top-20">
        <Part title="Listen first">
          <PreviewListen
            voices={voices}
            choices={choices}
            rank={rank}
            seconds={songSeconds(plan, voices, songs, choices)}
            songs={songs}
            blocked={obstacle !== undefined}
          />
        </Part>
        <Part title="Make it">
          <FileChoices choices={choices} />
          <FuseForm request={fusionRequest(voices, choices, rank, title)} songs={songs} obstacle={obstacle} />
        </Part>
      </div>
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-4">
      <h2 id={id} className="text-xl">
        {title}
      </h2>
      {children}
    </section>
  );
}

function Thinking() {
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">Looking for ways to bring the songs together</span>
      <Skeleton className="h-32" />
      <Skeleton className="h-32" />
    </div>
  );
}

function Variation({ choices: { parentFusionId, kept } }: { readonly choices: Choices }) {
  if (!parentFusionId) return null;
  const more = Object.keys(kept).length > 0;
  return (
    <Notice
      title="A variation of an earlier song"
      action={
        <Button size="small" onClick={() => choose({ parentFusionId: '', kept: {} })}>
          Make it a song of its own
        </Button>
      }
    >
      {more && 'Effects, trims and other settings that the earlier song had are kept.'}
    </Notice>
  );
}

/** Songs that were added as a whole bring the stems that they really have. */
function useSettledStems(songs: Songs): void {
  const unsettled = useMix((mix) => mix.unsettled);
  const settle = useMix((mix) => mix.settle);
  useEffect(() => {
    for (const trackId of unsettled) {
      const types = (songs.get(trackId)?.stems ?? []).map(({ type }) => type).filter(isStemName);
      if (types.length) settle(trackId, types);
    }
  }, [songs, unsettled, settle]);
}
