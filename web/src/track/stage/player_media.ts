import type { Player } from '@/listening';

const CAN_PLAY_THROUGH = 4;

/** The player as wavesurfer.js wants what it shows: like a media element. What the page never asks for is left out. */
export class PlayerMedia extends EventTarget {
  readonly readyState = CAN_PLAY_THROUGH;
  readonly seeking = false;
  readonly ended = false;
  src = '';
  currentSrc = '';
  volume = 1;
  muted = false;
  playbackRate = 1;
  readonly #player: Player;
  readonly #duration: number;
  readonly #stop: () => void;
  #playing = false;

  constructor(player: Player, duration: number) {
    super();
    this.#player = player;
    this.#duration = duration;
    this.#stop = player.subscribe(() => this.#look());
    // Whoever listens is there only after the constructor.
    queueMicrotask(() => this.#look());
  }

  get duration(): number {
    return this.#duration;
  }

  get currentTime(): number {
    return this.#player.position();
  }

  set currentTime(seconds: number) {
    this.#player.seek(seconds);
  }

  get paused(): boolean {
    return this.#player.state.phase === 'paused';
  }

  play(): Promise<void> {
    return this.#player.play();
  }

  pause(): void {
    this.#player.pause();
  }

  canPlayType(): string {
    return '';
  }

  removeAttribute(): void {}

  load(): void {}

  /** Listens to the player no longer. */
  close(): void {
    this.#stop();
  }

  #look(): void {
    const playing = !this.paused;
    if (playing !== this.#playing) {
      this.#playing = playing;
      this.dispatchEvent(new Event(playing ? 'play' : 'pause'));
    }
    this.dispatchEvent(new Event('timeupdate'));
  }
}
