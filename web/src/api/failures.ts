import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorInfoSchema } from '@/api/gen/google/rpc/error_details_pb';

/** What went wrong, for a page to show. */
export interface Failure {
  /** Stable, for programs: a reason of the API (`TRACK_QUOTA`), `OFFLINE`, or `UNKNOWN`. */
  readonly reason: string;
  /** For a person: what happened and what to do. */
  readonly message: string;
  /** Whether the same call may well succeed a little later. */
  readonly retryable: boolean;
  /** Facts that belong to the reason, such as limits. */
  readonly metadata: Readonly<Record<string, string>>;
}

const OFFLINE = 'PureMusic can’t be reached right now. Check your connection, then try again.';
const UNKNOWN = 'Something went wrong on our side. Try again; if it happens again, load the page anew.';

// Where the API speaks to programs ("refresh the token"), people are told this instead.
const SAID_TO_PEOPLE: Readonly<Record<string, string>> = {
  TOKEN_MISSING: 'You are not signed in any more. Sign in to go on.',
  TOKEN_INVALID: 'Your session is over. Sign in to go on.',
  TOKEN_EXPIRED: 'Your session is over. Sign in to go on.',
  SESSION_MISSING: 'You are not signed in. Sign in to go on.',
  REFRESH_TOKEN_INVALID: 'Your session is over. Sign in to go on.',
  REFRESH_TOKEN_REVOKED: 'You were signed out on another device. Sign in to go on.',
  REFRESH_TOKEN_REUSED: 'To keep your account safe, your session was ended. Sign in to go on.',
  REFRESH_TOKEN_EXPIRED: 'Your session is over. Sign in to go on.',
  ORIGIN_NOT_ALLOWED: 'This address of PureMusic can’t keep you signed in. Open PureMusic at its usual address.',
};

const PASSING: ReadonlySet<Code> = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Aborted]);

/** Says what an error means for the person before the page. Every error is understood: an unknown one is called that. */
export function failureOf(error: unknown): Failure {
  if (isOffline(error)) return { reason: 'OFFLINE', message: OFFLINE, retryable: true, metadata: {} };
  if (!(error instanceof ConnectError)) return unknown(false);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const passing = PASSING.has(error.code);
  if (!info?.reason) return unknown(passing);
  const message = SAID_TO_PEOPLE[info.reason] ?? (error.rawMessage.trim() || UNKNOWN);
  return { reason: info.reason, message, retryable: passing, metadata: { ...info.metadata } };
}

/** Whether the request got no answer at all: `fetch` says TypeError when nothing could be reached. */
export function isOffline(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return error instanceof ConnectError && error.cause instanceof TypeError;
}

/** Whether the call was given up by the page itself; nobody needs to be told. */
export function isAborted(error: unknown): boolean {
  if (error instanceof ConnectError) return error.code === Code.Canceled;
  return error instanceof DOMException && error.name === 'AbortError';
}

function unknown(retryable: boolean): Failure {
  return { reason: 'UNKNOWN', message: UNKNOWN, retryable, metadata: {} };
}
