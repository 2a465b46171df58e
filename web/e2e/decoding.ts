import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/** What an independent decoder (ffmpeg) finds in a file. */
export interface Decoded {
  readonly seconds: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** LUFS (EBU R128). */
  readonly loudness: number;
  /** dBFS, between samples too. */
  readonly truePeak: number;
}

let found: Promise<string> | undefined;

/** Where ffmpeg is: a program that comes with a Python package, so that nothing need be installed. */
function ffmpeg(): Promise<string> {
  found ??= run(PYTHON, ['-c', 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())']).then(({ stdout }) =>
    stdout.trim(),
  );
  return found;
}

/** Decodes all of an audio file and measures it; throws where anything of it can't be decoded. */
export async function decoded(path: string): Promise<Decoded> {
  const { stderr } = await run(await ffmpeg(), ['-xerror', '-i', path, '-af', 'ebur128=peak=true', '-f', 'null', '-']);
  const last = (pattern: RegExp) => [...stderr.matchAll(pattern)].at(-1) ?? [];
  const [, hours, minutes, seconds] = last(/time=(\d+):(\d+):([\d.]+)/g);
  const [, rate, layout] = last(/Audio: .*?, (\d+) Hz, (\w+)/g);
  return {
    seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    sampleRate: Number(rate),
    channels: layout === 'mono' ? 1 : 2,
    loudness: Number(last(/I:\s+(-?[\d.]+) LUFS/g)[1]),
    truePeak: Number(last(/Peak:\s+(-?[\d.]+) dBFS/g)[1]),
  };
}
