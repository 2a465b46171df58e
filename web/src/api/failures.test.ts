import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { ErrorInfoSchema } from '@/api/gen/google/rpc/error_details_pb';
import { failureOf, isAborted } from './failures';

function refused(code: Code, message: string, reason: string, metadata: Record<string, string> = {}): ConnectError {
  const error = new ConnectError(message, code);
  error.details.push({ desc: ErrorInfoSchema, value: { reason, domain: 'puremusic', metadata } });
  return error;
}

test('the API’s own words, with its reason and facts', () => {
  const error = refused(Code.ResourceExhausted, 'You have 200 songs; delete one first.', 'TRACK_QUOTA', {
    limit: '200',
  });
  expect(failureOf(error)).toEqual({
    reason: 'TRACK_QUOTA',
    message: 'You have 200 songs; delete one first.',
    retryable: false,
    metadata: { limit: '200' },
  });
});

test('what the API says to programs is said to people in their words', () => {
  const { reason, message } = failureOf(
    refused(Code.Unauthenticated, 'The access token has run out; refresh it.', 'TOKEN_EXPIRED'),
  );
  expect(reason).toBe('TOKEN_EXPIRED');
  expect(message).not.toMatch(/token/i);
  expect(message).toMatch(/sign in/i);
});

test.each([
  new TypeError('Failed to fetch'),
  new ConnectError('Failed to fetch', Code.Unknown, undefined, undefined, new TypeError('Failed to fetch')),
])('no answer at all is a matter of the connection', (error) => {
  expect(failureOf(error)).toMatchObject({ reason: 'OFFLINE', retryable: true });
  expect(failureOf(error).message).toMatch(/connection/);
});

test('what passes may be tried again', () => {
  expect(failureOf(refused(Code.Unavailable, 'ingest is away.', 'UNAVAILABLE')).retryable).toBe(true);
  expect(failureOf(new ConnectError('', Code.DeadlineExceeded))).toMatchObject({ reason: 'UNKNOWN', retryable: true });
});

test.each([undefined, 'text', new Error('x'), new ConnectError('secrets of the server', Code.Internal)])(
  'anything else says what to do, and nothing of its inside',
  (error) => {
    const { reason, message } = failureOf(error);
    expect(reason).toBe('UNKNOWN');
    expect(message).toMatch(/try again/i);
    expect(message).not.toMatch(/secrets/);
  },
);

test('a call that the page gave up is told apart', () => {
  expect(isAborted(new ConnectError('', Code.Canceled))).toBe(true);
  expect(isAborted(new DOMException('', 'AbortError'))).toBe(true);
  expect(isAborted(new ConnectError('', Code.Unavailable))).toBe(false);
});
