import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

interface VirtualListProps<Item> {
  /** Its name for screen readers. */
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** How many there are in all, loaded or not. */
  readonly total: number;
  /** Pixels; what an item turns out to need is measured. */
  readonly estimatedHeight: number;
  /** Called when the end of what is loaded comes near. */
  readonly onNearEnd: () => void;
  readonly children: (item: Item) => ReactNode;
}

const AHEAD = 8;

/** A list that scrolls with the window and has in the page only what is near it, however long it is. */
export function VirtualList<Item>({
  label,
  items,
  keyOf,
  total,
  estimatedHeight,
  onNearEnd,
  children,
}: VirtualListProps<Item>) {
  const list = useRef<HTMLUListElement>(null);
  const top = useTop(list);
  const [focused, setFocused] = useState<number>();
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimatedHeight,
    overscan: AHEAD,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item ? keyOf(item) : index;
    },
    // What has the focus stays, so that the keyboard does not lose its place when the page is scrolled.
    rangeExtractor: (range) => withFocused(range, focused),
  });
  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;

  useLayoutEffect(() => {
    if (last >= items.length - AHEAD) onNearEnd();
  }, [last, items.length, onNearEnd]);

  return (
    <ul ref={list} aria-label={label} className="relative" style={{ height: virtualizer.getTotalSize() }}>
      {shown.map(({ key, index, start }) => {
        const item = items[index];
        return (
          item && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={total}
              onFocus={() => setFocused(index)}
              onBlur={() => setFocused(undefined)}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start - top}px)` }}
            >
              {children(item)}
            </li>
          )
        );
      })}
    </ul>
  );
}

function withFocused(range: Range, focused: number | undefined): number[] {
  const shown = defaultRangeExtractor(range);
  if (focused === undefined || focused >= range.count || shown.includes(focused)) return shown;
  return [...shown, focused].sort((a, b) => a - b);
}

/** How far below the top of the document an element begins, pixels; what is above it may grow. */
function useTop(element: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      const box = element.current?.getBoundingClientRect();
      if (box) setTop(Math.round(box.top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return top;
}
