import { expect, test } from 'vitest';
import { cutFlac } from './cut';
import { FrameIndex } from './frame_index';
import { FrameScanner } from './frame_scanner';
import { BrokenFlac } from './stream_info';
import { verbatimFlac } from './verbatim';

const noise = (length: number, seed: number) =>
  Array.from({ length }, (_, i) => Math.trunc(Math.sin((i + 1) * seed) * 8_388_607));

function scanned(file: Uint8Array, step: number) {
  const scanner = new FrameScanner();
  for (let at = 0; at < file.length; at += step) scanner.push(file.subarray(at, at + step));
  scanner.end();
  return scanner;
}

function indexed(file: Uint8Array) {
  const scanner = scanned(file, file.length);
  const index = new FrameIndex();
  index.add(scanner.take(), scanner.completeFrames, scanner.completeBytes);
  if (!scanner.info) throw new Error('no head');
  return { index, info: scanner.info };
}

test('however the bytes arrive, the same frames are found', () => {
  const file = verbatimFlac([noise(1000, 1.7), noise(1000, 2.3)], { blocks: [64] });
  const whole = scanned(file, file.length);
  const places = whole.take();
  expect(places.map((place) => place.first)).toEqual(Array.from({ length: 16 }, (_, i) => i * 64));
  expect(whole.completeFrames).toBe(1000);
  expect(whole.completeBytes).toBe(file.length);
  for (const step of [1, 2, 15, 16, 17, 100, 1023]) expect(scanned(file, step).take()).toEqual(places);
});

test('block sizes may vary', () => {
  const file = verbatimFlac([noise(700, 1.1)], { blocks: [30, 200, 77], variable: true });
  expect(
    scanned(file, 64)
      .take()
      .map((place) => place.first),
  ).toEqual([0, 30, 230, 307, 337, 537, 614, 644]);
});

test('sound that looks like the beginning of a frame is no frame', () => {
  // The file holds, as samples, the bytes of the headers of its own frames.
  const plain = verbatimFlac([Array.from({ length: 256 }, () => 0)], { blocks: [64] });
  const { index, info } = indexed(plain);
  const headers = [0, 64, 128, 192].flatMap((sample) => {
    const at = index.run(sample, 1).start;
    return [...plain.subarray(at, at + 9)];
  });
  const samples = Array.from({ length: 256 }, (_, i) => {
    const at = (i * 3) % headers.length;
    return (((headers[at] ?? 0) << 16) | ((headers[at + 1] ?? 0) << 8) | (headers[at + 2] ?? 0)) & 0xffffff;
  });
  const file = verbatimFlac([samples], { blocks: [64] });
  expect(
    scanned(file, 50)
      .take()
      .map((place) => place.first),
  ).toEqual([0, 64, 128, 192]);
  expect(info.frames).toBe(256);
});

test('a file that is cut off or damaged is told from a shorter one', () => {
  const file = verbatimFlac([noise(300, 1.3)], { blocks: [64] });
  expect(() => scanned(file.subarray(0, file.length - 1), 64)).toThrow(BrokenFlac);
  const { index } = indexed(file);
  expect(() => scanned(file.subarray(0, index.run(256, 1).start), 64)).toThrow('a part of it is missing');
  const damaged = file.slice();
  damaged[index.run(64, 1).start + 40] = (damaged[index.run(64, 1).start + 40] ?? 0) ^ 1;
  expect(() => scanned(damaged, 64)).toThrow(BrokenFlac);
});

test('what is no FLAC is said to be none', () => {
  expect(() => new FrameScanner().push(new TextEncoder().encode('<!doctype html><title>403</title>'))).toThrow(
    BrokenFlac,
  );
  expect(() => new FrameScanner().end()).toThrow(BrokenFlac);
});

test('the samples of a run are those of its frames', () => {
  const { index } = indexed(verbatimFlac([noise(1000, 1.7)], { blocks: [64] }));
  expect(index.run(100, 1)).toMatchObject({ first: 64, frames: 64 });
  expect(index.run(100, 100)).toMatchObject({ first: 64, frames: 192 });
  expect(index.run(990, 10)).toMatchObject({ first: 960, frames: 40 });
  expect(() => index.run(990, 11)).toThrow(RangeError);
  expect(() => index.run(-1, 1)).toThrow(RangeError);
});

test.each([false, true])('a run that was cut out is a file of its own (variable blocks: %s)', (variable) => {
  const left = noise(20_000, 1.7);
  const right = noise(20_000, 0.9);
  const file = verbatimFlac([left, right], { blocks: [64], variable });
  const { index, info } = indexed(file);
  // Frame 300 has a number of two bytes, frame 4 one of one: numbering anew makes the file shorter.
  const run = index.run(300 * 64, 640);
  const cut = cutFlac(info, index, run, file.subarray(run.start, run.end));
  const again = indexed(cut);
  expect(again.info).toMatchObject({ frames: 640, sampleRate: 44_100, channels: 2, bits: 24 });
  expect(again.index.frames).toBe(640);
  const same = verbatimFlac([left.slice(300 * 64, 310 * 64), right.slice(300 * 64, 310 * 64)], {
    blocks: [64],
    variable,
  });
  const from = indexed(same).info.audioStart;
  expect([...cut.subarray(again.info.audioStart)]).toEqual([...same.subarray(from)]);
});
