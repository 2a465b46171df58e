import type { ReactNode } from 'react';

/**
 * What lies over the page while a dialog is open, and scrolls where the dialog is higher than the window.
 *
 * Instead of Radix's own overlay: that one holds the page still with a style element, which our Content-Security-Policy
 * refuses. `styles.css` holds it still while a `data-veil` is there.
 */
export function Veil({ children }: { readonly children: ReactNode }) {
  return (
    <div
      data-veil=""
      className="pointer-events-auto fixed inset-0 z-40 grid animate-fade place-items-center overflow-y-auto bg-black/55 p-3 sm:p-6"
    >
      {children}
    </div>
  );
}
