import { getOption } from '@bufbuild/protobuf';
import { Code, ConnectError, type Interceptor, type UnaryRequest } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { http } from '@/api/gen/google/api/annotations_pb';
import { isOffline } from './failures';
import { later } from './later';
import { session } from './session';

const FIRST_WAIT_MS = 250;
const MAX_RETRIES = 3;

/** Whether a call changes nothing, so that it may be made again: its REST form is a GET. */
export function reads(method: UnaryRequest['method']): boolean {
  return getOption(method, http).pattern.case === 'get';
}

/** Makes reads again that found nobody at the other end: up to 3 times within about two seconds. */
export const retried: Interceptor = (next) => async (request) => {
  if (request.stream || !reads(request.method)) return next(request);
  for (let tried = 0; ; tried++) {
    try {
      return await next(request);
    } catch (error) {
      const passing = isOffline(error) || ConnectError.from(error).code === Code.Unavailable;
      if (!passing || tried === MAX_RETRIES || request.signal.aborted) throw error;
      await later(FIRST_WAIT_MS * 2 ** tried * (0.75 + Math.random() / 2), request.signal);
    }
  }
};

/** Adds the access token. A call whose token is refused is made once more with a fresh one: it did nothing yet. */
export const authorized: Interceptor = (next) => async (request) => {
  const token = await session.token(request.signal);
  if (token) request.header.set('authorization', `Bearer ${token}`);
  try {
    return await next(request);
  } catch (error) {
    if (!token || ConnectError.from(error).code !== Code.Unauthenticated) throw error;
    const fresh = await session.renewed(token, request.signal);
    if (request.stream) throw error; // its message was sent and is gone; who watches opens a new one
    request.header.set('authorization', `Bearer ${fresh}`);
    return await next(request);
  }
};

/** gRPC-Web to Envoy, which is where this page came from. */
export const transport = createGrpcWebTransport({
  baseUrl: window.location.origin,
  interceptors: [retried, authorized],
});
