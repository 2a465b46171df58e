import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorInfoSchema } from '@/api/gen/google/rpc/error_details_pb';
import { type User, UserSchema } from '@/api/gen/puremusic/auth/v1/auth_pb';

const PATH = '/api/v1/session';

/** What signing in, in any way, brings. */
export interface SignedIn {
  readonly accessToken: string;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly expiresAt: number;
  readonly user: User;
}

interface Answer {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly user: JsonValue;
}

/** Calls `/api/v1/session` (docs/browsers.md); the cookie that comes back is the browser's alone. */
export async function requestSession(path: '' | '/register' | '/refresh', body: object): Promise<SignedIn> {
  const asked = Date.now();
  // keepalive: a refresh token is good for one exchange, so its answer must arrive even if the page is left meanwhile.
  const response = await send('POST', path, { body: JSON.stringify(body), keepalive: true });
  const { accessToken, expiresIn, user }: Answer = await response.json();
  const read = fromJson(UserSchema, user, { ignoreUnknownFields: true });
  return { accessToken, expiresAt: asked + expiresIn * 1000, user: read };
}

/** Ends the session: here, or on every device. */
export async function endSession(everywhere: boolean): Promise<void> {
  await send('DELETE', everywhere ? '?everywhere=true' : '', { keepalive: true });
}

async function send(method: string, path: string, init: RequestInit): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-puremusic-session': '1' };
  const response = await fetch(`${PATH}${path}`, { method, headers, ...init });
  if (!response.ok) throw await refusal(response);
  return response;
}

/** The error in an answer, as the RPC clients would throw it. */
async function refusal(response: Response): Promise<ConnectError> {
  const read: unknown = await response.json().catch(() => undefined);
  const status = isObject(read) ? read : {};
  const code = typeof status.code === 'number' ? status.code : ofHttp(response.status);
  const details: unknown[] = Array.isArray(status.details) ? status.details : [];
  const info = details.find((each) => isObject(each) && String(each['@type']).endsWith('.ErrorInfo'));
  const error = new ConnectError(String(status.message ?? ''), code);
  if (isObject(info)) {
    const { reason, domain, metadata } = info;
    error.details.push({
      desc: ErrorInfoSchema,
      value: { reason: String(reason), domain: String(domain), metadata: strings(metadata) },
    });
  }
  return error;
}

function ofHttp(status: number): Code {
  if (status === 401) return Code.Unauthenticated;
  if (status === 429) return Code.ResourceExhausted;
  return status === 502 || status === 503 || status === 504 ? Code.Unavailable : Code.Unknown;
}

function strings(read: unknown): Record<string, string> {
  return isObject(read) ? Object.fromEntries(Object.entries(read).map(([key, value]) => [key, String(value)])) : {};
}

function isObject(read: unknown): read is Record<string, unknown> {
  return typeof read === 'object' && read !== null;
}
