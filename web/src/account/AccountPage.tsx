import { useSession } from '@/api/session';
import { ApiKeys } from './ApiKeys';
import { DeleteAccount } from './DeleteAccount';
import { ExportData } from './ExportData';
import { NewPassword } from './NewPassword';
import { Profile } from './Profile';
import { Section } from './Section';
import { SignOuts } from './SignOuts';

/** Everything about the account itself. */
export default function AccountPage() {
  const { user } = useSession();
  if (!user) return null;
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-6">
      <div>
        <h1 className="text-4xl">Your account</h1>
        <p className="mt-2 text-muted">{user.email}</p>
      </div>
      <Section title="Name">
        <Profile user={user} />
      </Section>
      <Section title="Password" words="Changing it signs you out on every other device.">
        <NewPassword user={user} />
      </Section>
      <Section
        title="Signing out"
        words="On a computer that others use, have what was kept in the browser removed, too."
      >
        <SignOuts />
      </Section>
      <Section
        title="Keys for programs"
        words="A key lets a script of yours work with your songs, without your password."
      >
        <ApiKeys />
      </Section>
      <Section
        title="Your data"
        words="Everything that PureMusic knows about you, your songs and your fused songs, as one file."
      >
        <ExportData />
      </Section>
      <Section
        title="Delete the account"
        words="Removes the account, all songs, all parts and all fused songs. It can’t be undone."
      >
        <DeleteAccount user={user} />
      </Section>
    </div>
  );
}
