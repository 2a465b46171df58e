import { create } from 'zustand';

/** Songs that are ticked, by their ids; for this visit of the page only. */
export const useSelection = create<{ readonly trackIds: ReadonlySet<string> }>(() => ({ trackIds: new Set() }));

/** Ticks a song, or takes the tick away. */
export function select(trackId: string, selected: boolean): void {
  useSelection.setState(({ trackIds }) => {
    const next = new Set(trackIds);
    if (selected) next.add(trackId);
    else next.delete(trackId);
    return { trackIds: next };
  });
}

/** Leaves only these ticked. */
export const selectOnly = (trackIds: readonly string[]): void => useSelection.setState({ trackIds: new Set(trackIds) });
