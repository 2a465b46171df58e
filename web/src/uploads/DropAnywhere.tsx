import { Upload } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Icon } from '@/design';
import { chooseFiles } from './chosen';

/** The whole window takes files that are dropped; it says so while they are held over it. `onDrop` leads to where they are shown. */
export function DropAnywhere({ onDrop }: { readonly onDrop: () => void }) {
  const over = useFilesOver(onDrop);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-50 grid animate-fade place-items-center bg-surface/85 p-4">
      <p className="flex flex-col items-center gap-4 rounded-card border-2 border-accent border-dashed bg-raised px-10 py-12 text-center font-display text-2xl">
        <Icon of={Upload} className="size-10 text-accent" />
        Let go to bring these songs
      </p>
    </div>
  );
}

function useFilesOver(onDrop: () => void): boolean {
  const [over, setOver] = useState(false);
  const dropped = useEffectEvent((files: readonly File[]) => {
    void chooseFiles(files);
    onDrop();
  });
  useEffect(() => {
    // Entering a child comes before leaving its parent: how deep the pointer is says whether it is over the window.
    let depth = 0;
    const entered = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth++;
      setOver(true);
    };
    const left = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      setOver(depth > 0);
    };
    const moved = (event: DragEvent) => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const letGo = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) dropped(files);
    };
    const listeners = { dragenter: entered, dragleave: left, dragover: moved, drop: letGo } as const;
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name, listener as EventListener);
    };
  }, []);
  return over;
}

const holdsFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;
