import { type ComponentType, lazy } from 'react';

/** Who may see a page; others are led to where they can. */
export type Audience = 'everybody' | 'signed in' | 'signed out';

export interface PageRoute {
  /** As wouter matches it. */
  readonly path: string;
  /** The document's title, before the page knows better (design's `usePageTitle`). */
  readonly title: string;
  readonly audience: Audience;
  readonly page: ComponentType;
}

/** Every page; each is a chunk of its own. The path `/` is answered in `Pages`. */
export const ROUTES: readonly PageRoute[] = [
  { path: '/sign-in', title: 'Sign in', audience: 'signed out', page: lazy(() => import('@/account/SignInPage')) },
  {
    path: '/register',
    title: 'Create an account',
    audience: 'signed out',
    page: lazy(() => import('@/account/RegisterPage')),
  },
  { path: '/account', title: 'Your account', audience: 'signed in', page: lazy(() => import('@/account/AccountPage')) },
  {
    path: '/rights',
    title: 'Terms and rights',
    audience: 'everybody',
    page: lazy(() => import('@/account/RightsPage')),
  },
  { path: '/library', title: 'Library', audience: 'signed in', page: lazy(() => import('@/library/LibraryPage')) },
  { path: '/tracks/:trackId', title: 'Song', audience: 'signed in', page: lazy(() => import('@/track/TrackPage')) },
  { path: '/mix', title: 'Mix', audience: 'signed in', page: lazy(() => import('@/mixer/MixPage')) },
  { path: '/fuse', title: 'Fuse', audience: 'signed in', page: lazy(() => import('@/fusion/FusePage')) },
  {
    path: '/fusions/:fusionId',
    title: 'Fused song',
    audience: 'signed in',
    page: lazy(() => import('@/fusion/FusionPage')),
  },
];

/** The front door, for those who are not signed in. */
export const WelcomePage: ComponentType = lazy(() => import('./WelcomePage'));
