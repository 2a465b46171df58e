// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { UserSchema } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { forgetAccount, remembered, rememberedStore } from './remember';
import { session } from './session';
import { SessionTabs } from './session_tabs';

const elsewhere = new SessionTabs();

/** Signs in, as another tab tells it. */
async function signIn(userId: string): Promise<void> {
  elsewhere.tell({ accessToken: '', expiresAt: 0, user: create(UserSchema, { userId }) });
  await vi.waitFor(() => expect(session.user()?.userId).toBe(userId));
}

afterAll(() => elsewhere.close());
afterEach(() => session.gone());

test('each account finds what it left, and nothing of another’s', async () => {
  await signIn('ann');
  const store = remembered('filters', 1, { search: '' });
  store.setState({ search: 'falcon' });
  await signIn('bob');
  expect(store.getState()).toEqual({ search: '' });
  store.setState({ search: 'wars' });
  await signIn('ann');
  expect(store.getState()).toEqual({ search: 'falcon' });
});

test('a reload finds it again, but not in another shape', async () => {
  await signIn('ann');
  remembered('filters', 1, { search: '' }).setState({ search: 'falcon' });
  expect(remembered('filters', 1, { search: '' }).getState().search).toBe('falcon');
  expect(remembered('filters', 2, { search: '' }).getState().search).toBe('');
});

test('nothing is kept of nobody', async () => {
  const store = remembered('filters', 1, { search: '' });
  store.setState({ search: 'falcon' });
  expect(Object.keys(localStorage)).toEqual([]);
  await signIn('ann');
  expect(store.getState().search).toBe('');
});

test('only what is picked is kept, and what a store can do stays', async () => {
  await signIn('ann');
  interface Form {
    title: string;
    password: string;
    clear: () => void;
  }
  const make = () =>
    rememberedStore<Form>(
      'form',
      1,
      (set) => ({ title: '', password: '', clear: () => set({ title: '' }) }),
      ({ title }) => ({ title }),
    );
  make().setState({ title: 'Mine', password: 'secret' });
  expect(JSON.stringify(localStorage)).not.toContain('secret');
  const again = make();
  expect(again.getState().title).toBe('Mine');
  again.getState().clear();
  expect(again.getState().title).toBe('');
});

test('on a shared computer it can all be removed', async () => {
  await signIn('bob');
  remembered('filters', 1, { search: '' }).setState({ search: 'wars' });
  await signIn('ann');
  remembered('filters', 1, { search: '' }).setState({ search: 'falcon' });
  forgetAccount('ann');
  expect(Object.keys(localStorage).filter((key) => key.includes('ann'))).toEqual([]);
  expect(Object.keys(localStorage).filter((key) => key.includes('bob'))).toHaveLength(1);
});
