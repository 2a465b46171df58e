import { useState } from 'react';
import { signIn } from '@/api/session';
import { Button, Field, Notice, TextInput } from '@/design';
import { PasswordInput } from './PasswordInput';
import { useSubmitting } from './submitting';

interface SignInFormProps {
  readonly email: string;
  /** Absent: it is this account or none. */
  readonly onEmail?: (email: string) => void;
  readonly onDone?: () => void;
}

/** E-mail and password. What comes after a success shows itself: the session changes. */
export function SignInForm({ email, onEmail, onDone }: SignInFormProps) {
  const [password, setPassword] = useState('');
  const { busy, failure, submit } = useSubmitting(async () => {
    await signIn(email, password);
    onDone?.();
  });
  const locked = onEmail === undefined;
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      {failure && (
        <Notice kind="error" title="You are not signed in yet">
          {failure.message}
        </Notice>
      )}
      <Field label="E-mail">
        <TextInput
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus={!locked && !email}
          readOnly={locked}
          value={email}
          onChange={(event) => onEmail?.(event.target.value)}
        />
      </Field>
      <Field label="Password">
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          autoFocus={locked || Boolean(email)}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" variant="primary" size="large" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
