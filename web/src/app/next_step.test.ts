import { expect, test } from 'vitest';
import { nextStep } from './next_step';

const voice = (trackId: string) => ({ trackId, type: 'vocals' }) as const;
const START = { songs: 0, apart: 0, sending: false, working: false, voices: [] };

test.each([
  [{}, /bringing two songs/, '/library'],
  [{ songs: 1, working: true }, /being taken apart.*second one/, '/library'],
  [{ songs: 2, working: true }, /being taken apart/, undefined],
  [{ songs: 2, working: true, sending: true }, /being taken apart/, undefined],
  // Nothing takes apart what has not arrived, or what nobody asked to take apart.
  [{ songs: 1, sending: true }, /on their way/, undefined],
  [{ songs: 1 }, /^Your song is not taken apart yet/, '/library'],
  [{ songs: 3 }, /^None of your songs is taken apart yet/, '/library'],
  [{ songs: 2, apart: 1 }, /Pick the parts/, '/library'],
  [{ songs: 2, apart: 2, voices: [voice('a')] }, /of another/, '/library'],
  [{ songs: 1, apart: 1, voices: [voice('a')] }, /fuse it/, '/fuse'],
  [{ songs: 2, apart: 2, voices: [voice('a'), voice('b')] }, /fuse it/, '/fuse'],
])('%o', (way, words, href) => {
  const step = nextStep({ ...START, ...way });
  expect(step.words).toMatch(words);
  expect(step.href).toBe(href);
});
