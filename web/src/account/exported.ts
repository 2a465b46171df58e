import { type JsonValue, toJson } from '@bufbuild/protobuf';
import { auth, fusions, library } from '@/api/clients';
import { ExportMeResponseSchema } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { FusionSchema } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { TrackCardSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { all } from './all_pages';

const PAGE = 200;

/** Everything that is known about the user and their work, as JSON for people and programs (GDPR art. 20). */
export async function exported(): Promise<JsonValue> {
  const account = await auth.exportMe({});
  const songs = await all(async (pageToken) => {
    const page = await library.listCards({ pageSize: PAGE, pageToken });
    return { items: page.cards, next: page.nextPageToken };
  });
  const fused = await all(async (pageToken) => {
    const page = await fusions.listFusions({ pageSize: PAGE, pageToken });
    return { items: page.fusions, next: page.nextPageToken };
  });
  return {
    exportedAt: new Date().toISOString(),
    account: toJson(ExportMeResponseSchema, account),
    songs: songs.map((card) => toJson(TrackCardSchema, card)),
    fusions: fused.map((fusion) => toJson(FusionSchema, fusion)),
  };
}
