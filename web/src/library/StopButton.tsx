import { X } from 'lucide-react';
import { useState } from 'react';
import { Button, Icon } from '@/design';
import { attempt } from './attempt';

interface StopButtonProps {
  /** What is stopped: `Fusing My song`. */
  readonly what: string;
  readonly onStop: () => Promise<void>;
}

/** Stops what is being done. Work ends at its next step, which may take a while: until then the button says that it will. */
export function StopButton({ what, onStop }: StopButtonProps) {
  const [stopping, setStopping] = useState(false);
  const stop = async () => {
    setStopping(true);
    if (!(await attempt(onStop))) setStopping(false);
  };
  const words = stopping ? 'Stopping' : 'Stop';
  return (
    <Button variant="quiet" size="small" busy={stopping} aria-label={`${words}: ${what}`} onClick={() => void stop()}>
      {!stopping && <Icon of={X} />}
      {words}
    </Button>
  );
}
