import { describe, expect, it } from 'vitest';
import { CardOrder, CardStatus } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { cardsWish, type LibraryView, paramsOf, viewOf } from './view';

const USUAL: LibraryView = { tab: 'songs', search: '', order: 'newest', status: '' };

describe('the view in the address', () => {
  it('is the usual one where the address says nothing, and says nothing of it', () => {
    expect(viewOf(new URLSearchParams())).toEqual(USUAL);
    expect(paramsOf(USUAL).toString()).toBe('');
  });

  it('comes back as it was', () => {
    const view: LibraryView = { tab: 'fused', search: 'blue & green', order: 'title', status: 'ready' };
    expect(viewOf(new URLSearchParams(paramsOf(view).toString()))).toEqual(view);
  });

  it('never searches for more than the API takes', () => {
    expect(viewOf(new URLSearchParams({ search: 'x'.repeat(500) })).search).toHaveLength(200);
  });
});

describe('cardsWish', () => {
  it('asks for what is looked at', () => {
    const wish = cardsWish({ ...USUAL, search: ' falcon ', order: 'tempo', status: 'ready' });
    expect(wish).toEqual({ search: 'falcon', order: CardOrder.TEMPO, status: CardStatus.SEPARATED });
  });

  it('takes what it does not know for the usual', () => {
    const wish = cardsWish({ ...USUAL, order: 'colour', status: 'lost' });
    expect(wish).toEqual({ search: '', order: CardOrder.NEWEST, status: CardStatus.UNSPECIFIED });
  });
});
