import { Component, type ReactNode } from 'react';
import { Button, Notice } from '@/design';

interface BrokenState {
  readonly error?: unknown;
}

/** Keeps what breaks on a page from taking the rest along, and says what to do. */
export class Broken extends Component<{ readonly children: ReactNode }, BrokenState> {
  override state: BrokenState = {};

  static getDerivedStateFromError(error: unknown): BrokenState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const outdated = isMissingPart(error);
    return (
      <Notice
        kind="error"
        title={outdated ? 'A part of PureMusic could not be loaded' : 'This page stopped working'}
        action={
          <Button size="small" onClick={() => window.location.reload()}>
            Load the page again
          </Button>
        }
      >
        {outdated
          ? 'You may be offline, or PureMusic was renewed since you opened it. Loading the page again mends that.'
          : 'The fault is ours. Your songs and your mix are safe; load the page again to go on.'}
      </Notice>
    );
  }
}

/** Whether a chunk of the client could not be fetched; browsers say so in words of their own. */
function isMissingPart(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|importing a module script|module script failed/i.test(error.message)
  );
}
