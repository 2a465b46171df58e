import { type ReactNode, useLayoutEffect } from 'react';

/**
 * What lies over the page while a dialog is open, and scrolls where the dialog is higher than the window.
 *
 * Instead of Radix's own overlay: that one holds the page still with a style element, which our Content-Security-Policy
 * refuses.
 */
export function Veil({ children }: { readonly children: ReactNode }) {
  useLayoutEffect(holdStill, []);
  return (
    <div
      data-veil=""
      className="pointer-events-auto fixed inset-0 z-40 grid animate-fade place-items-center overflow-y-auto bg-black/55 p-3 sm:p-6"
    >
      {children}
    </div>
  );
}

let veils = 0;

/**
 * Keeps the page from scrolling; returns how to let go of it. The page stays as wide as it is: where its scrollbar was there
 * is a margin under the veil. (`scrollbar-gutter` would leave a strip that no veil covers, also where no scrollbar was.)
 */
function holdStill(): () => void {
  const { style, clientWidth } = document.documentElement;
  veils += 1;
  if (veils === 1) {
    style.paddingRight = `${window.innerWidth - clientWidth}px`;
    style.overflow = 'hidden';
  }
  return () => {
    veils -= 1;
    if (veils > 0) return;
    style.removeProperty('padding-right');
    style.removeProperty('overflow');
  };
}
