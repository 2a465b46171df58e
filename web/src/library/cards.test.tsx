// @vitest-environment jsdom
import { createRouterTransport } from '@connectrpc/connect';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { LibraryService } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys, queryClient } from '@/api/queries';
import { removeCard, useCards } from './cards';

// A library that has not heard of any deletion.
vi.mock('@/api/transport', () => ({
  transport: createRouterTransport(({ service }) => {
    service(LibraryService, { listCards: () => ({ cards: [{ trackId: 'a' }, { trackId: 'b' }], total: 2n }) });
  }),
}));

function List() {
  const { cards, total } = useCards({ tab: 'songs', search: '', order: 'newest', status: '' });
  return <p>{`${total}: ${cards.map((card) => card.trackId).join()}`}</p>;
}

test('a song that was deleted stays away, also when the library still lists it', async () => {
  render(
    <QueryClientProvider client={queryClient}>
      <List />
    </QueryClientProvider>,
  );
  await screen.findByText('2: a,b');
  await act(async () => removeCard('a'));
  await screen.findByText('1: b');
  await act(() => queryClient.invalidateQueries({ queryKey: keys.cards() }));
  expect(screen.getByText('1: b')).toBeDefined();
});
