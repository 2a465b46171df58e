import { useState } from 'react';
import { useLocation } from 'wouter';
import { forgetAccount } from '@/api/remember';
import { session, signOut } from '@/api/session';
import { Button, Checkbox, ConfirmDialog, Notice } from '@/design';
import { useSubmitting } from './submitting';

/** The ways to sign out. */
export function SignOuts() {
  const [, go] = useLocation();
  const [forgets, setForgets] = useState(false);
  const [asking, setAsking] = useState(false);
  const leave = async (everywhere: boolean) => {
    const userId = session.user()?.userId;
    await signOut({ everywhere });
    if (forgets && userId) forgetAccount(userId);
    go('/');
  };
  const here = useSubmitting(() => leave(false));
  const everywhere = useSubmitting(async () => {
    setAsking(false);
    await leave(true);
  });
  const failure = here.failure ?? everywhere.failure;
  return (
    <div className="flex flex-col gap-4">
      {failure && <Notice kind="error">{failure.message}</Notice>}
      <Checkbox
        checked={forgets}
        onChange={setForgets}
        label="Also remove what this browser keeps for me: the mix being made, filters, half-filled forms."
      />
      <div className="flex flex-wrap gap-3">
        <Button busy={here.busy} onClick={here.submit}>
          Sign out here
        </Button>
        <Button busy={everywhere.busy} onClick={() => setAsking(true)}>
          Sign out everywhere
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Sign out everywhere?"
        confirm="Sign out everywhere"
        danger={false}
        onConfirm={everywhere.submit}
      >
        Every browser and program that is signed in with your password is signed out within 15 minutes. Keys for
        programs stay.
      </ConfirmDialog>
    </div>
  );
}
