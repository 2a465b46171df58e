import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import { failureOf } from '@/api/failures';
import { EditableTitle } from '@/design';

const LONGEST_TITLE = 200;

interface RowTitleProps {
  readonly title: string;
  /** Where it leads to. */
  readonly href: string;
  readonly onRename: (title: string) => Promise<void>;
}

/** The title of something in the list: it leads to that, and can be changed in place. */
export function RowTitle({ title, href, onRename }: RowTitleProps) {
  const renaming = useMutation({ mutationFn: onRename });
  return (
    <EditableTitle
      title={title}
      label={`Rename ${title}`}
      longest={LONGEST_TITLE}
      busy={renaming.isPending}
      error={renaming.error ? failureOf(renaming.error).message : undefined}
      onSave={renaming.mutateAsync}
      row={
        <Link href={href} className="truncate font-semibold underline-offset-4 hover:underline">
          {title}
        </Link>
      }
    />
  );
}
