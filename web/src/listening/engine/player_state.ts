/** A part that is played again and again, in seconds. */
export interface Loop {
  readonly start: number;
  readonly end: number;
}

/** `waiting`: it is to play, and sound has to arrive first. */
export type Phase = 'paused' | 'waiting' | 'playing';

export interface PlayerState {
  readonly phase: Phase;
  /** Seconds: as long as the longest voice. */
  readonly duration: number;
  /** Seconds from the beginning that can be played at once: as far as all voices are there. */
  readonly playable: number;
  readonly loop: Loop | null;
  /** 0.5 to 1. */
  readonly speed: number;
  /** Decibels. */
  readonly volumeDb: number;
  /** For people, if it can't do what it was asked for. */
  readonly problem: string | undefined;
}

export const STOPPED: PlayerState = {
  phase: 'paused',
  duration: 0,
  playable: 0,
  loop: null,
  speed: 1,
  volumeDb: 0,
  problem: undefined,
};

export const SLOWEST = 0.5;
/** Seconds. */
export const SHORTEST_LOOP = 0.1;
