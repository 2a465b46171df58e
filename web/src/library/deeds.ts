import { analyses, jobs, separations, tracks } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys, queryClient } from '@/api/queries';
import { isStemName } from '@/listening/stem_names';
import { useMix } from '@/mixer/mix';
import { uploadQueue } from '@/uploads';
import { patchCard, removeCard } from './cards';
import type { Again } from './standing';

const refresh = () => {
  for (const queryKey of [keys.cards(), keys.usage()]) void queryClient.invalidateQueries({ queryKey });
};

/** Gives a song another title; the list shows it at once. */
export async function renameSong(trackId: string, title: string): Promise<void> {
  const { title: given } = await tracks.updateTrack({ track: { trackId, title }, updateMask: { paths: ['title'] } });
  patchCard(trackId, (card) => ({ ...card, title: given }));
}

/** Deletes songs, and takes them out of the mix and out of the uploads. Returns those that could not be deleted. */
export async function deleteSongs(
  trackIds: readonly string[],
): Promise<{ readonly kept: string[]; readonly why: string }> {
  const outcomes = await Promise.allSettled(trackIds.map(deleteSong));
  const kept = trackIds.filter((_, at) => outcomes[at]?.status === 'rejected');
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  refresh();
  return { kept, why: failed ? failureOf(failed.reason).message : '' };
}

async function deleteSong(trackId: string): Promise<void> {
  try {
    await tracks.deleteTrack({ trackId });
  } catch (error) {
    if (failureOf(error).reason !== 'TRACK_NOT_FOUND') throw error; // somebody was quicker
  }
  uploadQueue.forget(trackId);
  useMix.getState().removeTrack(trackId);
  removeCard(trackId);
}

/** Adds all stems of a song to the mix. */
export function addToMix({ trackId, stems }: TrackCard): void {
  const mix = useMix.getState();
  mix.add(trackId, 'all');
  mix.settle(trackId, stems.map((stem) => stem.type).filter(isStemName));
}

/** Tries again what failed. */
export async function tryAgain(card: TrackCard, what: Again): Promise<void> {
  if (what === 'check') await tracks.completeUpload({ trackId: card.trackId });
  if (what === 'analysis') await analyses.createAnalysis({ trackId: card.trackId });
  if (what === 'separation') await separateAgain(card);
  await queryClient.invalidateQueries({ queryKey: keys.cards() });
}

/** As it was asked for the first time: with the same models and stems. */
async function separateAgain({ trackId, separationId }: TrackCard): Promise<void> {
  const { model, stemTypes, stemModels } = await separations.getSeparation({ separationId });
  await separations.createSeparation({ trackId, model, stemTypes, stemModels });
}

/** Takes a song apart that nobody has taken apart yet, with the installation's usual model. */
export async function separate(trackId: string): Promise<void> {
  await separations.createSeparation({ trackId });
  await queryClient.invalidateQueries({ queryKey: keys.cards() });
}

/** Stops a job. */
export async function cancelJob(jobId: string): Promise<void> {
  await jobs.cancelJob({ jobId });
}
