// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';
import { nextLoop, nextSpeed, perform } from './deeds';
import { useMix } from './mix';
import { type Action, actionOf } from './shortcuts';

function press(
  key: string,
  { code = '', target = document.body, ...rest }: Partial<KeyboardEvent> = {},
): Action | undefined {
  const none = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, defaultPrevented: false };
  return actionOf({ ...none, key, code, target, ...rest });
}

const inside = (html: string) => {
  document.body.innerHTML = html;
  return document.body.querySelector('[data-here]') as HTMLElement;
};

test('the digits are stems, on every keyboard: what Shift makes of them does not count', () => {
  expect(press('1', { code: 'Digit1' })).toEqual({ kind: 'solo', type: 'vocals' });
  expect(press('&', { code: 'Digit6' })).toEqual({ kind: 'solo', type: 'piano' });
  expect(press('!', { code: 'Digit1', shiftKey: true })).toEqual({ kind: 'mute', type: 'vocals' });
  expect(press('7', { code: 'Digit7' })).toBeUndefined();
});

test('the other keys', () => {
  expect(press(' ')).toEqual({ kind: 'toggle' });
  expect(press('ArrowLeft')).toEqual({ kind: 'skip', by: -5 });
  expect(press('ArrowRight')).toEqual({ kind: 'skip', by: 5 });
  expect(press('[')).toEqual({ kind: 'loop-start' });
  expect(press(']')).toEqual({ kind: 'loop-end' });
  expect(press('s')).toEqual({ kind: 'speed', by: -1 });
  expect(press('S', { shiftKey: true })).toEqual({ kind: 'speed', by: 1 });
  expect(press('?', { shiftKey: true })).toEqual({ kind: 'help' });
  expect(press('x')).toBeUndefined();
});

test('nobody’s typing, no system key and no focused control is disturbed', () => {
  expect(press('s', { target: inside('<input data-here>') })).toBeUndefined();
  expect(press('s', { target: inside('<div role="dialog"><p data-here></p></div>') })).toBeUndefined();
  expect(press('s', { ctrlKey: true })).toBeUndefined();
  expect(press('ArrowLeft', { defaultPrevented: true })).toBeUndefined();
  const button = inside('<button type="button"><b data-here>Solo</b></button>');
  expect(press(' ', { target: button })).toBeUndefined();
  expect(press('s', { target: button })).toEqual({ kind: 'speed', by: -1 });
});

test('the speed goes down by tenths, and from the slowest back to full', () => {
  const speeds = [1];
  for (let i = 0; i < 6; i++) speeds.push(nextSpeed(speeds.at(-1) ?? 0, -1));
  expect(speeds).toEqual([1, 0.9, 0.8, 0.7, 0.6, 0.5, 1]);
  expect(nextSpeed(1, 1)).toBe(1);
  expect(nextSpeed(0.55, 1)).toBe(0.65);
});

function playerAt(seconds: number, loop: { start: number; end: number } | null = null) {
  const state = {
    phase: 'playing',
    duration: 60,
    playable: 60,
    loop,
    speed: 1,
    volumeDb: 0,
    problem: undefined,
  } as const;
  return { state, position: () => seconds, setLoop: vi.fn(), setSpeed: vi.fn(), seek: vi.fn(), toggle: vi.fn() };
}

test('the loop’s ends are set where one is; a beginning behind the end takes the song’s end', () => {
  expect(nextLoop('loop-start', playerAt(10))).toEqual({ start: 10, end: 60 });
  expect(nextLoop('loop-end', playerAt(10))).toEqual({ start: 0, end: 10 });
  expect(nextLoop('loop-start', playerAt(10, { start: 5, end: 20 }))).toEqual({ start: 10, end: 20 });
  expect(nextLoop('loop-start', playerAt(30, { start: 5, end: 20 }))).toEqual({ start: 30, end: 60 });
  expect(nextLoop('loop-end', playerAt(10, { start: 5, end: 20 }))).toEqual({ start: 5, end: 10 });
  expect(nextLoop('loop', playerAt(10, { start: 5, end: 20 }))).toBeNull();
});

beforeEach(() => useMix.setState(useMix.getInitialState(), true));

test('keys change the chosen song’s stems and nothing else', () => {
  useMix.getState().add('a', 'drums');
  useMix.getState().add('b', 'drums');
  const page = { song: 'b', chooseSong: vi.fn(), help: vi.fn() };
  const player = playerAt(0) as unknown as Parameters<typeof perform>[1];
  perform({ kind: 'solo', type: 'drums' }, player, page);
  perform({ kind: 'mute', type: 'vocals' }, player, page);
  expect(useMix.getState().voices.map(({ key, solo, mute }) => [key, solo, mute])).toEqual([
    ['a/drums', false, false],
    ['b/drums', true, false],
  ]);
  perform({ kind: 'song', by: 1 }, player, page);
  expect(page.chooseSong).toHaveBeenCalledWith(1);
});
