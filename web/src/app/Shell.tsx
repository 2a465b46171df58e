import { lazy, type ReactNode, Suspense } from 'react';
import { useLocation } from 'wouter';
import { SignInAgain } from '@/account/SignInAgain';
import { useSession } from '@/api/session';
import { Footer } from './Footer';
import { Header } from './Header';
import { OfflineNotice } from './OfflineNotice';

// No page waits for these.
const NextStep = lazy(async () => ({ default: (await import('./NextStep')).NextStep }));
const DropAnywhere = lazy(async () => ({ default: (await import('@/uploads')).DropAnywhere }));

/** What is around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { state, expired } = useSession();
  const [path, go] = useLocation();
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
      {state === 'in' && (
        <Suspense fallback={null}>
          <NextStep />
        </Suspense>
      )}
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-4 py-6 outline-none sm:px-6 sm:py-9">
        {children}
      </main>
      <Footer />
      {state === 'in' && (
        <Suspense fallback={null}>
          <DropAnywhere onDrop={() => path !== '/library' && go('/library')} />
        </Suspense>
      )}
      {expired && <SignInAgain />}
    </div>
  );
}
