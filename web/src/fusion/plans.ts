import { fromJsonString, toJsonString } from '@bufbuild/protobuf';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fusions } from '@/api/clients';
import { type Plan, SuggestFusionRequestSchema } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { hasEnded } from '@/api/job_states';
import { queryClient } from '@/api/queries';
import { onJob } from '@/api/watch';
import type { Voice } from '@/mixer/mix';
import type { Choices } from './choices';
import type { FuseState } from './fuse_state';
import { suggestionRequest } from './request';
import { useSettled } from './settled';
import type { Songs } from './songs';

const KEY = 'plans';
const SETTLED_MS = 250;

/** The ways to bring the voices together as is chosen, best first; nothing is asked while songs are not matched. */
export function usePlans(voices: readonly Voice[], choices: Choices) {
  const wish = toJsonString(SuggestFusionRequestSchema, suggestionRequest(voices, choices));
  const settled = useSettled(wish, SETTLED_MS);
  const trackIds = [...new Set(voices.map(({ trackId }) => trackId))].join();
  useEffect(() => followSongs(trackIds.split(',')), [trackIds]);
  const query = useQuery({
    queryKey: [KEY, settled],
    queryFn: ({ signal }) => fusions.suggestFusion(fromJsonString(SuggestFusionRequestSchema, settled), { signal }),
    select: ({ plans }) => plans,
    enabled: choices.matching !== 'none' && voices.length > 0,
    placeholderData: keepPreviousData,
  });
  return { ...query, wish, outdated: query.isPlaceholderData || settled !== wish };
}

/** Asks anew once a song was taken apart, listened to or corrected. */
function followSongs(trackIds: readonly string[]): () => void {
  return onJob((job) => {
    const heard = job.kind === JobKind.ANALYSIS || job.kind === JobKind.SEPARATION;
    if (heard && hasEnded(job) && trackIds.includes(job.trackId))
      void queryClient.invalidateQueries({ queryKey: [KEY] });
  });
}

/** Which plan is meant: the chosen one while the wish is the one it was chosen for, else the best. */
export function rankOf(chosen: FuseState['plan'], wish: string): number {
  return chosen?.wish === wish ? chosen.rank : 1;
}

/** How long the song will be, in seconds, as far as that can be said beforehand; undefined if it can't. */
export function songSeconds(
  plan: Plan | undefined,
  voices: readonly Voice[],
  songs: Songs,
  choices: Choices,
): number | undefined {
  if (choices.length === 'bars' && plan?.tempoBpm) return (choices.bars * plan.beatsPerBar * 60) / plan.tempoBpm;
  const speeds = new Map(plan?.tracks.map((track) => [track.trackId, track.speed]));
  const lengths = voices.flatMap(({ trackId }) => {
    const seconds = songs.get(trackId)?.durationSeconds;
    return seconds ? [seconds / (speeds.get(trackId) || 1)] : [];
  });
  if (!lengths.length) return undefined;
  return choices.length === 'shortest' ? Math.min(...lengths) : Math.max(...lengths);
}
