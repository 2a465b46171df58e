import { Link, useSearch } from 'wouter';
import { useDraft } from './draft';
import { EntryCard } from './EntryCard';
import { SignInForm } from './SignInForm';

/** For those who have an account. */
export default function SignInPage() {
  const search = useSearch();
  const { draft, change, forget } = useDraft('sign-in', { email: '' });
  return (
    <EntryCard
      title="Welcome back"
      below={
        <>
          New here?{' '}
          <Link
            href={search ? `/register?${search}` : '/register'}
            className="font-medium text-accent underline underline-offset-4"
          >
            Create an account
          </Link>
        </>
      }
    >
      <SignInForm email={draft.email} onEmail={(email) => change({ email })} onDone={forget} />
    </EntryCard>
  );
}
