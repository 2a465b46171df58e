import { useState } from 'react';
import { auth } from '@/api/clients';
import type { User } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { session } from '@/api/session';
import { Button, Field, Notice, showToast, TextInput } from '@/design';
import { useSubmitting } from './submitting';

/** What PureMusic calls the user. */
export function Profile({ user }: { readonly user: User }) {
  const [name, setName] = useState(user.displayName);
  const { busy, failure, submit } = useSubmitting(async () => {
    const updated = await auth.updateMe({
      user: { displayName: name.trim() },
      updateMask: { paths: ['display_name'] },
    });
    session.update(updated);
    setName(updated.displayName);
    showToast({ kind: 'success', text: 'Your name was changed.' });
  });
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {failure && <Notice kind="error">{failure.message}</Notice>}
      <Field label="What should we call you?" hint="At most 100 characters; empty is fine.">
        <TextInput
          autoComplete="nickname"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Button
        type="submit"
        variant="primary"
        busy={busy}
        disabled={name.trim() === user.displayName}
        className="self-start"
      >
        Save the name
      </Button>
    </form>
  );
}
