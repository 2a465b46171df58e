// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Session } from './session';
import { SessionTabs } from './session_tabs';

const SIGNED_IN = 'puremusic.signed-in';

let served = 0;
let inFlight = 0;
let mostInFlight = 0;
let asked: string[] = [];
let refusal: { status: number; reason: string } | 'unreachable' | undefined;
const opened: SessionTabs[] = [];

/** A tab of one browser. */
function tab(): Session {
  const tabs = new SessionTabs();
  opened.push(tabs);
  return new Session(tabs);
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  asked.push(`${init.method} ${url}`);
  mostInFlight = Math.max(mostInFlight, ++inFlight);
  await new Promise((resolve) => setTimeout(resolve, 5));
  inFlight--;
  if (refusal === 'unreachable') throw new TypeError('Failed to fetch');
  if (refusal && url.endsWith('/refresh')) {
    const { status, reason } = refusal;
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'puremusic' }];
    return Response.json({ code: 16, message: 'no', details }, { status });
  }
  if (init.method === 'DELETE') return new Response(null, { status: 204 });
  const user = { userId: 'u1', email: 'ann@example.org', displayName: 'Ann' };
  return Response.json({ accessToken: `token-${++served}`, expiresIn: 900, user });
}

beforeEach(() => {
  [served, inFlight, mostInFlight, asked, refusal] = [0, 0, 0, [], undefined];
  vi.stubGlobal('fetch', answer);
});
afterEach(() => {
  for (const tabs of opened.splice(0)) tabs.close();
  vi.unstubAllGlobals();
});

test('nobody is asked for where nobody has signed in', async () => {
  const session = tab();
  expect(session.state.state).toBe('unknown');
  await session.begin();
  expect(session.state.state).toBe('out');
  expect(await session.token()).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a reload finds the user again', async () => {
  await tab().signIn('ann@example.org', 'secret');
  const reloaded = tab();
  await reloaded.begin();
  expect(reloaded.state).toMatchObject({ state: 'in', user: { displayName: 'Ann' } });
  expect(await reloaded.token()).toBe('token-2');
});

test('calls wait until it is known who is here', async () => {
  await tab().signIn('ann@example.org', 'secret');
  const reloaded = tab();
  const token = reloaded.token();
  await reloaded.begin();
  expect(await token).toBe('token-2');
});

test('a session that is over at the beginning is no session', async () => {
  localStorage.setItem(SIGNED_IN, '1');
  refusal = { status: 401, reason: 'REFRESH_TOKEN_EXPIRED' };
  const session = tab();
  await session.begin();
  expect(session.state).toEqual({ state: 'out', expired: false });
});

test('what one tab does, all tabs know', async () => {
  const [one, other] = [tab(), tab()];
  await one.signIn('ann@example.org', 'secret');
  await vi.waitFor(() => expect(other.state.state).toBe('in'));
  expect(await other.token()).toBe('token-1');
  await other.signOut();
  await vi.waitFor(() => expect(one.state.state).toBe('out'));
  expect(localStorage.getItem(SIGNED_IN)).toBeNull();
});

test('tabs exchange the cookie one at a time, and each call gets a fresh token', async () => {
  const all = [tab(), tab(), tab()];
  await all[0]?.signIn('ann@example.org', 'secret');
  await vi.waitFor(() => expect(all.every((each) => each.state.state === 'in')).toBe(true));
  const tokens = await Promise.all(all.flatMap((each) => [each.renewed('token-1'), each.renewed('token-1')]));
  expect(tokens).not.toContain('token-1');
  expect(mostInFlight).toBe(1);
  expect(asked.filter((each) => each.endsWith('/refresh')).length).toBeLessThanOrEqual(all.length);
});

test('a call that finds the session over waits until the user has signed in again', async () => {
  const session = tab();
  await session.signIn('ann@example.org', 'secret');
  refusal = { status: 401, reason: 'REFRESH_TOKEN_REVOKED' };
  const call = session.renewed('token-1');
  await vi.waitFor(() => expect(session.state.expired).toBe(true));
  expect(session.state.user?.email).toBe('ann@example.org');
  const later = session.token();
  refusal = undefined;
  await session.signIn('ann@example.org', 'secret');
  expect(await call).toBe('token-2');
  expect(await later).toBe('token-2');
  expect(session.state.expired).toBe(false);
});

test('who leaves instead ends the calls that waited', async () => {
  const session = tab();
  await session.signIn('ann@example.org', 'secret');
  refusal = { status: 401, reason: 'REFRESH_TOKEN_REVOKED' };
  const call = session.renewed('token-1');
  await vi.waitFor(() => expect(session.state.expired).toBe(true));
  session.gone();
  await expect(call).rejects.toThrow('signed out');
  expect(session.state.state).toBe('out');
});

test('a lost network ends no session', async () => {
  const session = tab();
  await session.signIn('ann@example.org', 'secret');
  refusal = 'unreachable';
  await expect(session.renewed('token-1')).rejects.toThrow(TypeError);
  expect(session.state).toMatchObject({ state: 'in', expired: false });
});

test('an exchange that a reload cut off is over before the next begins', async () => {
  localStorage.setItem(SIGNED_IN, '1');
  localStorage.setItem('puremusic.exchanging', String(Date.now()));
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const begun = tab().begin();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await begun;
    expect(asked).toEqual(['POST /api/v1/session/refresh']);
  } finally {
    vi.useRealTimers();
  }
});
