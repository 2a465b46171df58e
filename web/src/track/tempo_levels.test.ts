import { describe, expect, it } from 'vitest';
import { canBeSaid, levelOf, sameTempo } from './tempo_levels';

describe('tempo levels', () => {
  it('take what was tapped for what was heard, or a multiple of it', () => {
    expect(levelOf(129.5, 64)?.bpm).toBe(128);
    expect(levelOf(63, 64)).toEqual({ bpm: 64, words: 'what we heard' });
    expect(levelOf(31, 64)?.words).toBe('half what we heard');
  });

  it('leave alone what is another tempo', () => {
    expect(levelOf(80, 64)).toBeUndefined();
  });

  it('know what can be said', () => {
    expect([19.9, 20, 400, 400.1, Number.NaN].map(canBeSaid)).toEqual([false, true, true, false, false]);
    expect(sameTempo(64.01, 64)).toBe(true);
    expect(sameTempo(64.5, 64)).toBe(false);
  });
});
