import type { Player } from '@/listening';
import { type Mix, useMix, voiceKey } from './mix';
import type { Action } from './shortcuts';

const STEP = 0.1;
const SLOWEST = 0.5;

/** What a page does itself: the rest is the player's and the mix's. */
export interface Page {
  /** The song that the number keys are for. */
  readonly song: string | undefined;
  chooseSong(by: 1 | -1): void;
  help(): void;
}

/** Does what a key asks for. */
export function perform(action: Action, player: Player, page: Page): void {
  const mix = useMix.getState();
  switch (action.kind) {
    case 'toggle':
      player.toggle();
      break;
    case 'skip':
      player.seek(player.position() + action.by);
      break;
    case 'loop-start':
    case 'loop-end':
    case 'loop':
      player.setLoop(nextLoop(action.kind, player));
      mix.listen({ loop: player.state.loop });
      break;
    case 'speed':
      player.setSpeed(nextSpeed(player.state.speed, action.by));
      mix.listen({ speed: player.state.speed });
      break;
    case 'solo':
    case 'mute':
      flip(mix, page.song, action);
      break;
    case 'song':
      page.chooseSong(action.by);
      break;
    case 'help':
      page.help();
      break;
  }
}

/** The loop after its beginning or end was set to where one is; without a loop, the other end is the song's. */
export function nextLoop(
  kind: 'loop-start' | 'loop-end' | 'loop',
  player: Pick<Player, 'state' | 'position'>,
): Mix['loop'] {
  const { loop, duration } = player.state;
  const at = player.position();
  if (kind === 'loop') return loop ? null : { start: at, end: Math.min(at + 8, duration) };
  if (kind === 'loop-start') return { start: at, end: loop && loop.end > at ? loop.end : duration };
  return { start: loop && loop.start < at ? loop.start : 0, end: at };
}

/** A tenth slower or faster; below the slowest comes full speed again. */
export function nextSpeed(speed: number, by: 1 | -1): number {
  const next = Math.round((speed + by * STEP) * 100) / 100;
  if (next < SLOWEST) return 1;
  return Math.min(1, next);
}

function flip(
  mix: ReturnType<typeof useMix.getState>,
  song: string | undefined,
  { kind, type }: Extract<Action, { kind: 'solo' | 'mute' }>,
): void {
  const voice = mix.voices.find((one) => song !== undefined && one.key === voiceKey(song, type));
  if (voice) mix.change(voice.key, { [kind]: !voice[kind] });
}
