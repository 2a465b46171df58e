import { useSyncExternalStore } from 'react';
import { Button, Notice } from '@/design';
import type { SourceState, StemSource } from './engine/source';

/** How far a source is there; the component is drawn anew when that changes. */
export function useSourceState(source: StemSource | undefined): SourceState | undefined {
  return useSyncExternalStore(
    (listener) => source?.subscribe(listener) ?? (() => {}),
    () => source?.state,
  );
}

/** Says that a sound could not be loaded, and offers to try again. */
export function SourceNotice({ source, name }: { readonly source: StemSource | undefined; readonly name: string }) {
  const state = useSourceState(source);
  if (state?.kind !== 'failed') return null;
  const again = (
    <Button size="small" onClick={() => source?.retry()}>
      Try again
    </Button>
  );
  return (
    <Notice kind="error" title={name} action={again}>
      {state.message}
    </Notice>
  );
}
