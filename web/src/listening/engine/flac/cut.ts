import { crc8, crc16 } from './crc';
import { readFrameHeader, writeCodedNumber } from './frame_header';
import type { FrameIndex, FrameRun } from './frame_index';
import { BrokenFlac, type StreamInfo, writeStreamInfo } from './stream_info';

/**
 * A FLAC file of its own, made of a run of frames: `bytes` are those of `run`. Frames are numbered from zero again, as
 * every decoder expects of a file.
 */
export function cutFlac(
  info: StreamInfo,
  index: FrameIndex,
  run: FrameRun,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [writeStreamInfo(info, run.frames)];
  let number = 0;
  for (let sample = run.first; sample < run.first + run.frames; number++) {
    const frame = index.run(sample, 1);
    parts.push(
      renumbered(bytes.subarray(frame.start - run.start, frame.end - run.start), info, number, sample - run.first),
    );
    sample += frame.frames;
  }
  return joined(parts);
}

function renumbered(frame: Uint8Array, info: StreamInfo, number: number, sample: number): Uint8Array {
  const header = readFrameHeader(frame, 0, info);
  if (!header) throw new BrokenFlac('a frame is not where it was');
  const coded = writeCodedNumber(header.variable ? sample : number);
  const shorter = header.numberBytes - coded.length;
  const fresh = new Uint8Array(frame.length - shorter);
  fresh.set(frame.subarray(0, header.numberAt));
  fresh.set(coded, header.numberAt);
  fresh.set(frame.subarray(header.numberAt + header.numberBytes), header.numberAt + coded.length);
  const headEnd = header.bytes - shorter - 1;
  fresh[headEnd] = crc8(fresh, 0, headEnd);
  const end = fresh.length - 2;
  const sum = crc16(0, fresh, 0, end);
  fresh[end] = sum >> 8;
  fresh[end + 1] = sum & 255;
  return fresh;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
