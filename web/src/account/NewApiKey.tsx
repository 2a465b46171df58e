import { useState } from 'react';
import { auth } from '@/api/clients';
import { keys, queryClient } from '@/api/queries';
import { Button, Dialog, Field, Notice, Select, showToast, TextInput } from '@/design';
import { useSubmitting } from './submitting';

type Reach = 'read' | 'write';

const REACH = [
  { value: 'read', label: 'Look at my songs' },
  { value: 'write', label: 'Look at and change my songs' },
] as const;

/** Makes a key and shows its secret, which can't be shown again. */
export function NewApiKey() {
  const [name, setName] = useState('');
  const [reach, setReach] = useState<Reach>('read');
  const [secret, setSecret] = useState('');
  const { busy, failure, submit } = useSubmitting(async () => {
    const made = await auth.createApiKey({
      name: name.trim(),
      scopes: reach === 'write' ? ['read', 'write'] : ['read'],
    });
    setSecret(made.secret);
    setName('');
    await queryClient.invalidateQueries({ queryKey: keys.apiKeys() });
  });
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {failure && <Notice kind="error">{failure.message}</Notice>}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name of the new key">
          <TextInput
            required
            maxLength={100}
            placeholder="My backup script"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="What it may do">
          <Select value={reach} options={REACH} onChange={setReach} />
        </Field>
      </div>
      <Button type="submit" busy={busy} className="self-start">
        Make a key
      </Button>
      <SecretDialog secret={secret} onClose={() => setSecret('')} />
    </form>
  );
}

function SecretDialog({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    showToast({ kind: 'success', text: 'The key was copied.' });
  };
  return (
    <Dialog
      open={secret !== ''}
      onOpenChange={(open) => !open && onClose()}
      title="Your new key"
      description="Copy it now and keep it like a password: it can’t be shown again."
      actions={
        <>
          <Button onClick={() => void copy()}>Copy</Button>
          <Button variant="primary" onClick={onClose}>
            I have kept it
          </Button>
        </>
      }
    >
      <TextInput
        readOnly
        aria-label="The key"
        value={secret}
        className="font-mono text-sm"
        onFocus={(event) => event.target.select()}
      />
    </Dialog>
  );
}
