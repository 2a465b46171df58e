import type { ReactNode } from 'react';
import { SignInAgain } from '@/account/SignInAgain';
import { useSession } from '@/api/session';
import { Footer } from './Footer';
import { Header } from './Header';
import { NextStep } from './NextStep';
import { OfflineNotice } from './OfflineNotice';

/** What is around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { state, expired } = useSession();
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded-control bg-accent px-4 py-2 font-medium text-accent-ink focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the content
      </a>
      <Header />
      <OfflineNotice />
      {state === 'in' && <NextStep />}
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-4 py-6 outline-none sm:px-6 sm:py-9">
        {children}
      </main>
      <Footer />
      {expired && <SignInAgain />}
    </div>
  );
}
