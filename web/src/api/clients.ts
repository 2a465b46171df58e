import { type Client, createClient } from '@connectrpc/connect';
import { AuthService } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { FusionsService } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { JobsService, LibraryService } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { TracksService } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { AnalysesService } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { SeparationsService } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { transport } from './transport';

/** Accounts, API keys. Signing in and out is `session`'s. */
export const auth: Client<typeof AuthService> = createClient(AuthService, transport);
/** Uploads, titles, originals, waveforms. */
export const tracks: Client<typeof TracksService> = createClient(TracksService, transport);
/** Stems and the models that make them. */
export const separations: Client<typeof SeparationsService> = createClient(SeparationsService, transport);
/** Tempo, key, beats, sections, chords, and what a person says of them. */
export const analyses: Client<typeof AnalysesService> = createClient(AnalysesService, transport);
/** New songs made of stems. */
export const fusions: Client<typeof FusionsService> = createClient(FusionsService, transport);
/** Background work of every kind. To follow it, use `watch`. */
export const jobs: Client<typeof JobsService> = createClient(JobsService, transport);
/** Tracks with everything that is known about them. */
export const library: Client<typeof LibraryService> = createClient(LibraryService, transport);
