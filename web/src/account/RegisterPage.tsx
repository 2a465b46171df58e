import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import type { Failure } from '@/api/failures';
import { register } from '@/api/session';
import { Button, Checkbox, Field, Notice, TextInput } from '@/design';
import { useDraft } from './draft';
import { EntryCard } from './EntryCard';
import { PasswordInput } from './PasswordInput';
import { useRights } from './rights';
import { useSubmitting } from './submitting';

const AT_EMAIL: ReadonlySet<string> = new Set(['EMAIL_TAKEN', 'INVALID_EMAIL']);
const AT_PASSWORD: ReadonlySet<string> = new Set(['WEAK_PASSWORD']);

/** For those who are new. */
export default function RegisterPage() {
  const search = useSearch();
  return (
    <EntryCard
      title="Create an account"
      below={
        <>
          You have one already?{' '}
          <Link
            href={search ? `/sign-in?${search}` : '/sign-in'}
            className="font-medium text-accent underline underline-offset-4"
          >
            Sign in
          </Link>
        </>
      }
    >
      <RegisterForm />
    </EntryCard>
  );
}

function RegisterForm() {
  const { draft, change, forget } = useDraft('register', { email: '', displayName: '' });
  const [password, setPassword] = useState('');
  const [accepted, setAccepted] = useState(false);
  const [missing, setMissing] = useState(false);
  const rights = useRights();
  const { busy, failure, submit } = useSubmitting(async () => {
    setMissing(!accepted);
    if (!accepted) return;
    const { data } = rights.data ? rights : await rights.refetch({ throwOnError: true });
    await register({ ...draft, password, acceptedTermsVersion: data?.termsVersion ?? '' });
    forget();
  });
  const at = (reasons: ReadonlySet<string>) => (failure && reasons.has(failure.reason) ? failure.message : undefined);
  const elsewhere = failure && !AT_EMAIL.has(failure.reason) && !AT_PASSWORD.has(failure.reason);
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      {elsewhere && <Refused failure={failure} onTerms={() => void rights.refetch().then(() => setAccepted(false))} />}
      <Field label="E-mail" error={at(AT_EMAIL)}>
        <TextInput
          type="email"
          name="email"
          autoComplete="username"
          required
          value={draft.email}
          onChange={(event) => change({ email: event.target.value })}
        />
      </Field>
      <Field label="What should we call you?" hint="You may leave this empty.">
        <TextInput
          name="name"
          autoComplete="nickname"
          maxLength={100}
          value={draft.displayName}
          onChange={(event) => change({ displayName: event.target.value })}
        />
      </Field>
      <Field label="Password" hint="At least 10 characters; a few words together are good." error={at(AT_PASSWORD)}>
        <PasswordInput
          name="password"
          autoComplete="new-password"
          required
          minLength={10}
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Checkbox
        checked={accepted}
        onChange={(next) => {
          setAccepted(next);
          if (next) setMissing(false);
        }}
        error={missing ? 'Accept the terms to create an account.' : undefined}
        label={
          <>
            I have read and accept the{' '}
            <a
              href="/rights#terms"
              target="_blank"
              rel="noreferrer"
              className="text-accent underline underline-offset-4"
            >
              terms of use
              <span className="sr-only"> (opens in a new tab)</span>
            </a>
            .
          </>
        }
      />
      <Button type="submit" variant="primary" size="large" busy={busy}>
        Create the account
      </Button>
    </form>
  );
}

function Refused({ failure, onTerms }: { readonly failure: Failure; readonly onTerms: () => void }) {
  if (failure.reason === 'TERMS_NOT_ACCEPTED')
    return (
      <Notice
        kind="error"
        title="The terms have changed"
        action={
          <Button size="small" onClick={onTerms}>
            Show me the new ones
          </Button>
        }
      >
        They were renewed while you were typing. Please read and accept them anew.
      </Notice>
    );
  return (
    <Notice kind="error" title="The account was not created">
      {failure.message}
    </Notice>
  );
}
