import { type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { useSession } from '@/api/session';
import { useFirstTitle } from '@/design';
import { useArrival } from './arrival';
import { Broken } from './Broken';
import { destination, signInAddress } from './destination';
import { NotFoundPage } from './NotFoundPage';
import { PagePlaceholder } from './PagePlaceholder';
import { type PageRoute, ROUTES, WelcomePage } from './routes';

/** The page that the address names. */
export function Pages() {
  const [path] = useLocation();
  useArrival(path);
  return (
    <Broken key={path}>
      <Suspense fallback={<PagePlaceholder />}>
        <Switch>
          <Route path="/">
            <FrontDoor />
          </Route>
          {ROUTES.map((route) => (
            <Route key={route.path} path={route.path}>
              <Guarded {...route} />
            </Route>
          ))}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </Suspense>
    </Broken>
  );
}

function FrontDoor() {
  const { state } = useSession();
  if (state === 'unknown') return <PagePlaceholder />;
  return state === 'in' ? <Redirect to="/library" replace /> : <WelcomePage />;
}

/** Shows a page to those it is for. While nobody knows who is here, neither it nor the way to sign in is shown. */
function Guarded({ title, audience, page: Page }: PageRoute): ReactNode {
  const { state } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  useFirstTitle(title);
  if (audience === 'everybody') return <Page />;
  if (state === 'unknown') return <PagePlaceholder />;
  if (audience === 'signed in' && state === 'out') return <Redirect to={signInAddress(path, search)} replace />;
  if (audience === 'signed out' && state === 'in') return <Redirect to={destination(search)} replace />;
  return <Page />;
}
