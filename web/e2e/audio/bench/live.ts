import { Player } from '@/listening/engine/player';
import { decoded, openSound, wholly } from './sounds';
import { recording, tap } from './tap';
import { frequencyOf } from './tones';

const voice = (name: string, key = name) => ({
  key,
  source: openSound(name),
  gainDb: 0,
  pan: 0,
  mute: false,
  solo: false,
});

let player = new Player();

/** Waits for a condition, looking at each frame of the screen. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (condition() ? resolve() : void requestAnimationFrame(look));
    look();
  });
}

const playedUntil = (seconds: number) => until(() => player.position() >= seconds && player.state.phase === 'playing');

/**
 * Plays for some seconds what the player really sends out, with a loop that is set while it plays, and says how far it is
 * from the samples it should be: those of the song up to the loop's end, then round and round.
 */
export async function liveLoopError(
  name: string,
  start: number,
  end: number,
  rounds: number,
): Promise<{ error: number; compared: number }> {
  tap();
  player = new Player();
  const one = voice(name);
  await wholly(one.source);
  player.setVoices([one]);
  await player.play();
  await playedUntil(start + 0.3);
  player.setLoop({ start, end });
  let passes = 0;
  let before = player.position();
  await until(() => {
    const now = player.position();
    if (now < before - (end - start) / 2) passes += 1;
    before = now;
    return passes >= rounds;
  });
  player.close();
  const { left } = recording();
  const [wanted] = await decoded(name);
  if (!wanted) throw new Error('nothing was decoded');
  return compare(left, wanted, Math.round(start * 44_100), Math.round(end * 44_100));
}

/** Finds where in the song a recording begins, and compares it from there on, but for the fades at its ends. */
function compare(
  recorded: Float32Array,
  song: Float32Array,
  start: number,
  end: number,
): { error: number; compared: number } {
  const loud = recorded.findIndex((sample) => Math.abs(sample) > 1e-4);
  // Behind the fade-in.
  const probe = loud + 2_000;
  const reach = 64;
  let at = -1;
  for (let candidate = 0; candidate < 30_000 && at < 0; candidate++) {
    let same = true;
    for (let i = 0; i < reach && same; i++) {
      same = Math.abs((recorded[probe + i] as number) - (song[candidate + i] as number)) < 1e-5;
    }
    if (same) at = candidate;
  }
  if (at < 0) throw new Error('the recording is not of this song');
  let error = 0;
  let compared = 0;
  const quiet = recorded.findLastIndex((sample) => Math.abs(sample) > 1e-4) - 4_000;
  for (let i = probe; i < quiet; i++) {
    error = Math.max(error, Math.abs((recorded[i] as number) - (song[at] as number)));
    compared += 1;
    at += 1;
    if (at === end) at = start;
  }
  return { error, compared };
}

/** Changes everything that can be changed while it plays; the largest step from one sample to the next tells of clicks. */
export async function liveSteps(): Promise<{ largest: number; positions: number[] }> {
  tap();
  player = new Player();
  const a = voice('tone');
  await wholly(a.source);
  player.setVoices([a]);
  await player.play();
  const positions: number[] = [];
  const change = async (at: number, what: () => void) => {
    await playedUntil(at);
    what();
    positions.push(player.position());
  };
  await change(0.5, () => player.setVoices([{ ...a, gainDb: -60 }]));
  await change(0.8, () => player.setVoices([{ ...a, gainDb: 6 }]));
  await change(1.1, () => player.setVoices([{ ...a, pan: -1 }]));
  await change(1.4, () => player.setVoices([{ ...a, mute: true }]));
  await change(1.7, () => player.setVoices([a]));
  await change(2.0, () => player.seek(6));
  await change(6.3, () => player.pause());
  await player.play();
  await change(6.6, () => player.setVolume(-20));
  await change(6.9, () => player.setVoices([]));
  await change(6.9, () => player.close());
  const { left } = recording();
  let largest = 0;
  for (let i = 1; i < left.length; i++)
    largest = Math.max(largest, Math.abs((left[i] as number) - (left[i - 1] as number)));
  return { largest, positions };
}

/** Plays at a speed for two seconds; how far the position went, and the frequency that was sent out. */
export async function liveSpeed(speed: number): Promise<{ advanced: number; seconds: number; frequency: number }> {
  tap();
  player = new Player();
  const tone = voice('tone');
  await wholly(tone.source);
  player.setVoices([tone]);
  await player.play();
  await playedUntil(0.3);
  player.setSpeed(speed);
  await playedUntil(1);
  const from = player.position();
  const began = performance.now();
  recording();
  await until(() => performance.now() - began > 2000);
  const advanced = player.position() - from;
  const { left } = recording();
  player.close();
  // By the clock of the sound: on a busy machine it runs slower than that on the wall.
  return { advanced, seconds: left.length / 44_100, frequency: frequencyOf(left) };
}

/** Starts to play a sound of which not everything comes; resolves when it waits, with the position. */
export async function playUntilItWaits(name: string): Promise<number> {
  player = new Player();
  player.setVoices([voice(name), { ...voice('tone'), gainDb: -60 }]);
  await player.play();
  await playedUntil(0.2);
  await until(() => player.state.phase === 'waiting');
  return player.position();
}

/** Resolves when it plays again, with the positions of then and of a second later. */
export async function playOn(): Promise<[number, number]> {
  await until(() => player.state.phase === 'playing');
  const at = player.position();
  const began = performance.now();
  await until(() => performance.now() - began > 1000);
  const later = player.position();
  player.close();
  return [at, later];
}

/** Plays eight stems of five minutes, goes through them, and keeps playing. */
export async function playEight(): Promise<void> {
  player = new Player();
  const voices = Array.from({ length: 8 }, (_, i) => voice('stem', `stem ${i}`));
  player.setVoices(voices);
  await player.play();
  await Promise.all(voices.map((one) => wholly(one.source)));
  for (const seconds of [10, 100, 200, 280, 50]) {
    player.seek(seconds);
    await playedUntil(seconds + 2);
  }
}
