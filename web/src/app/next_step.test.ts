import { expect, test } from 'vitest';
import { nextStep } from './next_step';

const voice = (trackId: string) => ({ trackId, type: 'vocals' }) as const;

test.each([
  [{ songs: 0, apart: 0, voices: [] }, /bringing two songs/, '/library'],
  [{ songs: 1, apart: 0, voices: [] }, /second one/, '/library'],
  [{ songs: 2, apart: 0, voices: [] }, /being taken apart/, undefined],
  [{ songs: 2, apart: 1, voices: [] }, /Pick the parts/, '/library'],
  [{ songs: 2, apart: 2, voices: [voice('a')] }, /of another/, '/library'],
  [{ songs: 1, apart: 1, voices: [voice('a')] }, /fuse it/, '/fuse'],
  [{ songs: 2, apart: 2, voices: [voice('a'), voice('b')] }, /fuse it/, '/fuse'],
])('%o', (way, words, href) => {
  const step = nextStep(way);
  expect(step.words).toMatch(words);
  expect(step.href).toBe(href);
});
