import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fusions } from '@/api/clients';
import { type CreateFusionRequest, type Fusion, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { attemptFor } from './attempt';
import { useFuse } from './fuse_state';
import { fingerprint } from './request';

/** A preview on its way: asked for, made, ready, or failed. */
export interface Preview {
  /** What was asked for is what is chosen now. */
  readonly current: boolean;
  readonly fusion: Fusion | undefined;
  readonly making: boolean;
  readonly asking: boolean;
  readonly error: unknown;
  /** Asks for it; what failed is asked for anew. */
  readonly ask: () => void;
  readonly cancel: () => void;
}

const UNDER_WAY = new Set([FusionStatus.PENDING, FusionStatus.FUSING]);
const DONE = new Set([...UNDER_WAY, FusionStatus.COMPLETED]);

/** Follows the preview that was asked for last; a reload finds it again. */
export function usePreview(request: CreateFusionRequest): Preview {
  const kept = useFuse((state) => state.preview);
  const wanted = fingerprint(request);
  const found = useQuery({
    queryKey: keys.fusion(kept?.fusionId ?? ''),
    queryFn: ({ signal }) => fusions.getFusion({ fusionId: kept?.fusionId ?? '' }, { signal }),
    enabled: kept?.fusionId !== undefined,
  });
  const fusion = kept?.fusionId === undefined ? undefined : found.data;
  const creation = useMutation({
    mutationFn: async () => {
      if (fusion && UNDER_WAY.has(fusion.status)) void fusions.cancelFusion({ fusionId: fusion.fusionId });
      const usable = fusion ? DONE.has(fusion.status) : !found.error;
      const attempt = attemptFor(usable ? (kept ?? undefined) : undefined, wanted);
      useFuse.setState({ preview: attempt });
      const made = await fusions.createFusion({ ...request, idempotencyKey: attempt.key });
      queryClient.setQueryData(keys.fusion(made.fusionId), made);
      useFuse.setState({ preview: { ...attempt, fusionId: made.fusionId } });
    },
  });
  const { isIdle, mutate } = creation;
  // A reload cut the asking off: it is asked for again, and with its key it is made once.
  const cutOff = kept !== null && kept?.fingerprint === wanted && kept.fusionId === undefined;
  useEffect(() => {
    if (cutOff && isIdle) mutate();
  }, [cutOff, isIdle, mutate]);
  return {
    current: kept?.fingerprint === wanted,
    fusion,
    making: fusion !== undefined && UNDER_WAY.has(fusion.status),
    asking: creation.isPending,
    error: creation.error,
    ask: () => creation.mutate(),
    cancel: () => fusion && void fusions.cancelFusion({ fusionId: fusion.fusionId }),
  };
}
