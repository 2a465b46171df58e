import { create } from '@bufbuild/protobuf';
import {
  type CreateFusionRequest,
  CreateFusionRequestSchema,
  type Fusion,
} from '@/api/gen/puremusic/fusion/v1/fusion_pb';

/** The wish that a fusion came from; undefined for one that a receipt asked for, which says more than a wish can. */
export function wishOf(fusion: Fusion): CreateFusionRequest | undefined {
  const { title, stems, match, length, output, preview, parentFusionId, plan, balance } = fusion;
  if (!plan) return undefined;
  return create(CreateFusionRequestSchema, {
    title,
    stems,
    parentFusionId,
    choice: plan.rank,
    balance,
    ...(match ? { match } : {}),
    ...(length ? { length } : {}),
    ...(output ? { output } : {}),
    ...(preview ? { preview } : {}),
  });
}
