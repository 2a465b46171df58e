import type { ReactNode } from 'react';

/**
 * An operator's text: paragraphs with empty lines between them, lines that begin with `#` as headings, with `-` as items of a
 * list. Addresses of pages and of e-mail become links; nothing else means anything, so that no text can do harm.
 */
export function Prose({ text }: { readonly text: string }) {
  const blocks = text.trim().split(/\n\s*\n/);
  return (
    <div className="flex max-w-prose flex-col gap-3">
      {blocks.map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change while it is shown, and its parts have no names
        <Block key={at} text={block} />
      ))}
    </div>
  );
}

function Block({ text }: { readonly text: string }): ReactNode {
  const lines = text.split('\n');
  if (lines.every((line) => /^\s*- /.test(line)))
    return (
      <ul className="list-disc pl-6">
        {lines.map((line) => (
          <li key={line}>{linked(line.replace(/^\s*- /, ''))}</li>
        ))}
      </ul>
    );
  const heading = /^#+ (.*)/.exec(text);
  if (heading && lines.length === 1) return <h3 className="mt-2 text-lg">{heading[1]}</h3>;
  return <p>{linked(lines.join(' '))}</p>;
}

const ADDRESS = /(https:\/\/[^\s<>()]+[^\s<>().,;]|[^\s<>@]+@[^\s<>@]+\.[^\s<>@.,;]+)/;

function linked(text: string): ReactNode[] {
  // Splitting by a group keeps what was matched, at every odd place.
  return text.split(ADDRESS).map((part, at) => {
    if (at % 2 === 0) return part;
    const href = part.startsWith('https://') ? part : `mailto:${part}`;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <a key={at} href={href} rel="noreferrer" className="text-accent underline underline-offset-4">
        {part}
      </a>
    );
  });
}
