import { CircleUserRound, LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { failureOf } from '@/api/failures';
import { signOut, useSession } from '@/api/session';
import { Button, cx, Icon, LinkButton, Menu, showToast } from '@/design';
import { JobsIndicator } from './JobsIndicator';
import { chooseTheme, type Theme, useTheme } from './theme';
import { Wordmark } from './Wordmark';

const PLACES = [
  ['/library', 'Library'],
  ['/mix', 'Mix'],
  ['/fuse', 'Fuse'],
] as const;

/** Where one is, where one can go, and who one is. */
export function Header() {
  const { state } = useSession();
  return (
    <header className="sticky top-0 z-30 border-line border-b bg-surface/90 backdrop-blur-md">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-6 px-4 sm:px-6">
        <Link href="/" className="flex min-h-14 items-center rounded-control" aria-label="PureMusic, to the beginning">
          <Wordmark />
        </Link>
        {state === 'in' && <Places />}
        <div className="ml-auto flex min-h-14 items-center gap-1.5">
          {state === 'in' && <JobsIndicator />}
          <ThemeMenu />
          {state === 'in' && <AccountMenu />}
          {state === 'out' && (
            <LinkButton href="/sign-in" size="small">
              Sign in
            </LinkButton>
          )}
        </div>
      </div>
    </header>
  );
}

function Places() {
  const [path] = useLocation();
  return (
    // On narrow screens a row of its own, so that the three fit under thumbs.
    <nav aria-label="Main" className="-mx-1 order-last flex w-full sm:order-none sm:w-auto">
      {PLACES.map(([href, label]) => {
        const here = isAt(path, href);
        return (
          <Link
            key={href}
            href={href}
            {...(here && { 'aria-current': 'page' as const })}
            className={cx(
              'inline-flex min-h-11 flex-1 items-center justify-center border-b-2 px-4 font-medium transition-colors sm:min-h-14 sm:flex-none',
              here ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}

/** Songs and fused songs belong to the library. */
function isAt(path: string, place: string): boolean {
  if (place === '/library') return /^\/(library|tracks\/|fusions\/)/.test(path);
  return path === place;
}

const LOOKS: readonly (readonly [Theme, string, typeof Sun])[] = [
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
  ['system', 'As the device', Monitor],
];

function ThemeMenu() {
  const theme = useTheme((state) => state.theme);
  const [, label, icon] = LOOKS.find(([name]) => name === theme) ?? LOOKS[2] ?? ['system', 'As the device', Monitor];
  return (
    <Menu
      heading="Appearance"
      trigger={
        <Button variant="quiet" size="small" aria-label={`Appearance: ${label}`} className="aspect-square px-0">
          <Icon of={icon} className="size-5" />
        </Button>
      }
      items={LOOKS.map(([name, label, icon]) => ({ label, icon, onSelect: () => chooseTheme(name) }))}
    />
  );
}

function AccountMenu() {
  const { user } = useSession();
  const [, go] = useLocation();
  const name = user?.displayName || user?.email || '';
  const leave = async () => {
    try {
      await signOut();
      go('/');
    } catch (error) {
      showToast({ kind: 'error', text: failureOf(error).message });
    }
  };
  return (
    <Menu
      heading={user?.email ?? ''}
      trigger={
        <Button variant="quiet" size="small" aria-label={`Account of ${name}`}>
          <Icon of={CircleUserRound} className="size-5" />
          <span className="hidden max-w-40 truncate md:inline">{name}</span>
        </Button>
      }
      items={[
        { label: 'Your account', icon: Settings, onSelect: () => go('/account') },
        'line',
        { label: 'Sign out', icon: LogOut, onSelect: () => void leave() },
      ]}
    />
  );
}
