import { remembered } from '@/api/remember';
import type { Attempt } from './attempt';
import { type Choices, USUAL } from './choices';

/** What is chosen and sent on the way to a fusion; it survives a reload. */
export interface FuseState {
  readonly choices: Choices;
  /** Which plan was chosen, 1 for the best, and for which wish: of another wish the best is meant. */
  readonly plan: { readonly wish: string; readonly rank: number } | null;
  /** The fusion that was asked for and not yet answered. */
  readonly sending: Attempt | null;
  /** The last preview that was asked for; without an id it has not been answered yet. */
  readonly preview: (Attempt & { readonly fusionId?: string }) | null;
}

const START: FuseState = { choices: USUAL, plan: null, sending: null, preview: null };

export const useFuse = remembered<FuseState>('fuse', 1, START);

/** Changes some of the choices. */
export function choose(patch: Partial<Choices>): void {
  useFuse.setState(({ choices }) => ({ choices: { ...choices, ...patch } }));
}

/** Takes everything back to what most people want. */
export function chooseAfresh(): void {
  useFuse.setState({ choices: USUAL, plan: null });
}
