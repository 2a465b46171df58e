import { useState } from 'react';
import { useLocation } from 'wouter';
import { auth } from '@/api/clients';
import type { User } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { forgetAccount } from '@/api/remember';
import { session } from '@/api/session';
import { Button, Dialog, Field, Notice, showToast, TextInput } from '@/design';
import { PasswordInput } from './PasswordInput';
import { useSubmitting } from './submitting';

/** The end of the account, for those who know its password. */
export function DeleteAccount({ user }: { readonly user: User }) {
  const [, go] = useLocation();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const { busy, failure, submit, forget } = useSubmitting(async () => {
    await auth.deleteMe({ password });
    session.gone();
    forgetAccount(user.userId);
    go('/');
    showToast({ kind: 'success', text: 'Your account was deleted, and all songs with it.' });
  });
  const change = (next: boolean) => {
    setOpen(next);
    setPassword('');
    forget();
  };
  const wrong = failure?.reason === 'WRONG_PASSWORD' ? 'This is not your password.' : undefined;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      trigger={<Button variant="danger">Delete my account</Button>}
      title="Delete your account?"
      description="Your songs, their parts and your fused songs are deleted with it. Nobody can bring them back."
    >
      <form onSubmit={submit} className="flex flex-col gap-5">
        {failure && !wrong && <Notice kind="error">{failure.message}</Notice>}
        <TextInput type="email" autoComplete="username" readOnly hidden value={user.email} aria-label="E-mail" />
        <Field label="Your password" error={wrong}>
          <PasswordInput
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={() => change(false)}>Keep the account</Button>
          <Button type="submit" variant="danger" busy={busy}>
            Delete everything
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
