import { Link } from 'wouter';

const LINKS = [
  ['/rights#terms', 'Terms'],
  ['/rights#copyright', 'Copyright'],
  ['/rights#contact', 'Report a song'],
] as const;

/** One click to the terms, to copyright and to whom to ask, from everywhere. */
export function Footer() {
  return (
    <footer className="mt-8 border-line border-t">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center justify-between gap-x-8 gap-y-2 px-4 py-5 text-muted text-sm sm:px-6">
        <p>Only bring songs that you have the right to use.</p>
        <nav aria-label="Rights" className="-mx-2 flex flex-wrap">
          {LINKS.map(([href, label]) => (
            <Link
              key={href}
              href={href}
              className="inline-flex min-h-9 items-center px-2 underline-offset-4 hover:text-ink hover:underline pointer-coarse:min-h-11"
            >
              {label}
            </Link>
          ))}
          <a
            href="/docs"
            className="inline-flex min-h-9 items-center px-2 underline-offset-4 hover:text-ink hover:underline pointer-coarse:min-h-11"
          >
            For programs
          </a>
        </nav>
      </div>
    </footer>
  );
}
