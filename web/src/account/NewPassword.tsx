import { useState } from 'react';
import { auth } from '@/api/clients';
import type { User } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { signIn } from '@/api/session';
import { Button, Field, Notice, showToast, TextInput } from '@/design';
import { PasswordInput } from './PasswordInput';
import { useSubmitting } from './submitting';

/** A new password instead of the present one. */
export function NewPassword({ user }: { readonly user: User }) {
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  const { busy, failure, submit } = useSubmitting(async () => {
    const { refreshToken } = await auth.changePassword({ currentPassword: present, newPassword: next });
    // The session that comes back is for programs. The browser's own begins anew, with its cookie; the other one ends.
    await signIn(user.email, next);
    await auth.logout({ refreshToken });
    setPresent('');
    setNext('');
    showToast({ kind: 'success', text: 'Your password was changed. Other devices are signed out.' });
  });
  const wrong = failure?.reason === 'WRONG_PASSWORD' ? 'This is not your present password.' : undefined;
  const weak = failure?.reason === 'WEAK_PASSWORD' ? failure.message : undefined;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {failure && !wrong && !weak && <Notice kind="error">{failure.message}</Notice>}
      {/* For password managers: whose password it is. */}
      <TextInput type="email" autoComplete="username" readOnly hidden value={user.email} aria-label="E-mail" />
      <Field label="Present password" error={wrong}>
        <PasswordInput
          autoComplete="current-password"
          required
          value={present}
          onChange={(event) => setPresent(event.target.value)}
        />
      </Field>
      <Field label="New password" hint="At least 10 characters; a few words together are good." error={weak}>
        <PasswordInput
          autoComplete="new-password"
          required
          minLength={10}
          maxLength={200}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
      </Field>
      <Button type="submit" variant="primary" busy={busy} className="self-start">
        Change the password
      </Button>
    </form>
  );
}
