import { useMutation } from '@tanstack/react-query';
import { analyses } from '@/api/clients';
import { type Failure, failureOf } from '@/api/failures';
import type { Analysis } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { keys, queryClient } from '@/api/queries';
import { anticipated, type Correction, correctionRequest } from './corrections';

/** Saying what is right of a song. */
export interface Correcting {
  /** Shows it at once, and says it; if that fails, it is as before and `failure` says why. */
  correct(correction: Correction): void;
  readonly busy: boolean;
  /** Of the last thing that was said. */
  readonly failure: { readonly field: Correction['field']; readonly failure: Failure } | undefined;
}

/** Corrections of one song, sent in the order in which they were said. */
export function useCorrecting(trackId: string): Correcting {
  const key = keys.analysis(trackId);
  const mutation = useMutation({
    scope: { id: `corrections of ${trackId}` },
    mutationFn: (correction: Correction) => analyses.updateAnalysis(correctionRequest(trackId, correction)),
    onMutate: async (correction) => {
      await queryClient.cancelQueries({ queryKey: key });
      const before = queryClient.getQueryData<Analysis | null>(key);
      if (before) queryClient.setQueryData(key, anticipated(before, correction));
      return { before };
    },
    onSuccess: (told) => {
      queryClient.setQueryData(key, told);
      for (const stale of [keys.card(trackId), keys.cards(), ['ranked']])
        void queryClient.invalidateQueries({ queryKey: stale });
    },
    onError: (_error, _correction, kept) => {
      if (kept?.before) queryClient.setQueryData(key, kept.before);
      void queryClient.invalidateQueries({ queryKey: key });
    },
  });
  const { error, variables } = mutation;
  return {
    correct: mutation.mutate,
    busy: mutation.isPending,
    failure: error && variables ? { field: variables.field, failure: failureOf(error) } : undefined,
  };
}
