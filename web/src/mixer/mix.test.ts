import { beforeEach, expect, test } from 'vitest';
import { useMix } from './mix';

const mix = () => useMix.getState();
const keysOf = () => mix().voices.map((voice) => voice.key);

beforeEach(() => useMix.setState(useMix.getInitialState(), true));

test('a track that is added as a whole brings the usual stems until it is known which it has', () => {
  mix().add('a', 'all');
  expect(keysOf()).toEqual(['a/vocals', 'a/drums', 'a/bass', 'a/other']);
  mix().settle('a', ['vocals', 'bass', 'piano']);
  expect(keysOf()).toEqual(['a/vocals', 'a/bass', 'a/piano']);
});

test('only what was added as a whole is settled, and only once', () => {
  mix().add('a', 'drums');
  mix().settle('a', ['vocals', 'drums']);
  expect(keysOf()).toEqual(['a/drums']);
  mix().add('b', 'all');
  mix().settle('b', ['vocals', 'drums']);
  mix().remove('b/vocals');
  mix().settle('b', ['vocals', 'drums']);
  expect(keysOf()).toEqual(['a/drums', 'b/drums']);
});

test('stems stand in their order, songs in that of their coming', () => {
  mix().add('b', 'bass');
  mix().add('a', 'drums');
  mix().add('b', 'vocals');
  mix().add('a', 'drums');
  expect(keysOf()).toEqual(['b/vocals', 'b/bass', 'a/drums']);
});

test('what is set stays when stems are added, and is brought into its range', () => {
  mix().add('a', 'drums');
  mix().change('a/drums', { gainDb: 99, pan: -3, solo: true });
  mix().add('a', 'all');
  expect(mix().voices.find((voice) => voice.key === 'a/drums')).toMatchObject({
    gainDb: 12,
    pan: -1,
    solo: true,
    mute: false,
  });
  mix().change('a/drums', { gainDb: Number.NaN });
  expect(mix().voices.find((voice) => voice.key === 'a/drums')).toMatchObject({ gainDb: 0, pan: -1 });
});

test('an emptied mix keeps what belongs to the listener', () => {
  mix().add('a', 'all');
  mix().rename('Mine');
  mix().listen({ shortcuts: false, volumeDb: -12, speed: 0.5, loop: { start: 1, end: 2 } });
  mix().clear();
  expect(mix()).toMatchObject({
    title: '',
    voices: [],
    unsettled: [],
    speed: 1,
    loop: null,
    shortcuts: false,
    volumeDb: -12,
  });
});

test('a track that is removed takes all its stems along', () => {
  mix().add('a', 'all');
  mix().add('b', 'vocals');
  mix().removeTrack('a');
  expect(keysOf()).toEqual(['b/vocals']);
  expect(mix().unsettled).toEqual([]);
});
