import { ZoomIn, ZoomOut } from 'lucide-react';
import { useStore } from 'zustand';
import { Button, Icon, Slider } from '@/design';
import { placeOf, scaleAt, scaleOf, type ViewStore, widest } from './view';

interface ZoomProps {
  readonly view: ViewStore;
  readonly duration: number;
  readonly onStep: (by: 1 | -1) => void;
  /** CSS pixels a second. */
  readonly onScale: (scale: number) => void;
}

/** How close one looks at the song. */
export function Zoom({ view, duration, onStep, onScale }: ZoomProps) {
  const place = useStore(view, (seen) => placeOf(scaleOf(seen), widest(seen.width, duration)));
  return (
    <div className="flex items-center gap-1">
      <Button
        variant="quiet"
        size="small"
        aria-label="See more of the song"
        onClick={() => onStep(-1)}
        disabled={place === 0}
      >
        <Icon of={ZoomOut} />
      </Button>
      <Slider
        label="Zoom"
        value={place}
        min={0}
        max={100}
        step={1}
        format={(value) => (value === 0 ? 'the whole song' : `${value} %`)}
        onChange={(value) => onScale(scaleAt(value, widest(view.getState().width, duration)))}
        className="w-24 sm:w-32"
      />
      <Button variant="quiet" size="small" aria-label="Look closer" onClick={() => onStep(1)} disabled={place === 100}>
        <Icon of={ZoomIn} />
      </Button>
    </div>
  );
}
