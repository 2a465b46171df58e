import { useLocation } from 'wouter';
import { session, useSession } from '@/api/session';
import { Button, Dialog } from '@/design';
import { SignInForm } from './SignInForm';

/** Over the page when a session has run out: everything typed and chosen stays, and what was asked for goes on afterwards. */
export function SignInAgain() {
  const { user } = useSession();
  const [, go] = useLocation();
  const leave = () => {
    session.gone();
    go('/');
  };
  return (
    <Dialog
      open
      dismissible={false}
      title="Please sign in again"
      description="Your session has run out. Everything on this page is kept; sign in and go on where you were."
    >
      <SignInForm email={user?.email ?? ''} />
      <Button variant="quiet" className="mt-3 w-full" onClick={leave}>
        I am somebody else: leave this page
      </Button>
    </Dialog>
  );
}
