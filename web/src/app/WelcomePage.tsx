import { LinkButton, usePageTitle } from '@/design';
import { WelcomePicture } from './WelcomePicture';

const STEPS = [
  ['Bring two songs', 'Drop files as they are: MP3, WAV, FLAC, M4A, OGG. They stay yours, and nobody else hears them.'],
  ['Get their parts', 'Voice, drums, bass and the rest come apart by themselves. Tempo, key and beats are found, too.'],
  ['Mix what you like', 'This one’s voice over that one’s drums: listen at once, everything in time with everything.'],
  ['Fuse', 'Tempo and key are matched, the levels are balanced, and out comes one song to keep.'],
] as const;

/** What this is, for those who are not signed in. */
export default function WelcomePage() {
  usePageTitle('');
  return (
    <div className="flex flex-col gap-16 pb-8 sm:gap-24 sm:pt-6">
      <section className="grid grid-cols-1 items-center gap-10 lg:grid-cols-[1.05fr_1fr]">
        <div>
          <h1 className="text-5xl leading-[1.04] sm:text-6xl xl:text-7xl">
            <span className="block">Two songs in.</span> <span className="block">One new song out.</span>
          </h1>
          <p className="mt-6 max-w-xl text-lg text-muted sm:text-xl">
            PureMusic takes songs apart into voice, drums, bass and more, and makes a new song of the parts you choose.
            No studio, no manual.
          </p>
          <div className="mt-8 flex flex-wrap gap-3">
            <LinkButton href="/register" variant="primary" size="large">
              Create an account
            </LinkButton>
            <LinkButton href="/sign-in" size="large">
              Sign in
            </LinkButton>
          </div>
        </div>
        <WelcomePicture />
      </section>
      <section aria-labelledby="how">
        <h2 id="how" className="text-3xl">
          How it goes
        </h2>
        <ol className="mt-8 grid gap-x-10 gap-y-8 sm:grid-cols-2 lg:grid-cols-4">
          {STEPS.map(([title, words], at) => (
            <li key={title} className="border-ink/80 border-t-2 pt-4">
              <span aria-hidden="true" className="font-display text-muted">
                {at + 1}
              </span>
              <h3 className="mt-1 text-xl">{title}</h3>
              <p className="mt-2 text-muted">{words}</p>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
