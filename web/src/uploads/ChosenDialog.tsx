import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Link } from 'wouter';
import { Button, Checkbox, Dialog, Icon, Spinner } from '@/design';
import { BringSongsButton } from './BringSongsButton';
import { bringChosen, type ChosenFile, confirmRights, unchoose, unchooseAll, useChosen } from './chosen';
import { sizeWords } from './words';

/** Shows what was chosen, what is wrong with it, and asks for the right to use it; then it goes on its way. */
export function ChosenDialog() {
  const { files, rightsConfirmed } = useChosen();
  const fine = files.filter(({ verdict }) => verdict === 'fine').length;
  const checking = files.some(({ verdict }) => verdict === 'checking');
  const hopeless = fine === 0 && !checking;
  return (
    <Dialog
      open={files.length > 0}
      onOpenChange={(open) => !open && unchooseAll()}
      title={hopeless ? 'This can’t be used' : `Bring ${countWords(files.length)}`}
      actions={
        <>
          <BringSongsButton
            variant={hopeless ? 'primary' : 'quiet'}
            label={hopeless ? 'Choose other files' : 'Add more'}
          />
          {!hopeless && (
            <Button variant="primary" disabled={!rightsConfirmed || fine === 0} busy={checking} onClick={bringChosen}>
              {checking ? 'Checking' : `Upload ${countWords(fine)}`}
            </Button>
          )}
        </>
      }
    >
      <ul className="-m-1.5 flex max-h-[45dvh] flex-col gap-3 overflow-y-auto p-1.5">
        {files.map((each) => (
          <ChosenLine key={each.key} chosen={each} />
        ))}
      </ul>
      {!hopeless && (
        <Checkbox
          className="mt-5 border-line border-t pt-5"
          checked={rightsConfirmed}
          onChange={confirmRights}
          label={
            <>
              I have the right to use {files.length === 1 ? 'this song' : 'each of these songs'}: I made it, bought a
              licence, or it is free to use.{' '}
              <Link href="/rights#copyright" target="_blank" className="text-accent underline underline-offset-4">
                What this means
              </Link>
            </>
          }
        />
      )}
    </Dialog>
  );
}

function ChosenLine({ chosen: { key, file, verdict } }: { readonly chosen: ChosenFile }) {
  const problem = typeof verdict === 'object' ? verdict : undefined;
  return (
    <li className="flex items-start gap-3">
      <span className="mt-0.5 grid size-5 place-items-center">
        {verdict === 'checking' && <Spinner className="text-accent" />}
        {verdict === 'fine' && <Icon of={CircleCheck} label="Fine" className="size-5 text-success" />}
        {problem && <Icon of={CircleAlert} label="Can’t be used" className="size-5 text-danger" />}
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{file.name}</p>
        {problem ? (
          <p role="alert" className="text-danger text-sm">
            {problem.message}
          </p>
        ) : (
          <p className="text-muted text-sm">{sizeWords(file.size)}</p>
        )}
      </div>
      <Button
        variant="quiet"
        size="small"
        className="aspect-square px-0"
        aria-label={`Leave out ${file.name}`}
        onClick={() => unchoose(key)}
      >
        <Icon of={X} />
      </Button>
    </li>
  );
}

function countWords(count: number): string {
  return count === 1 ? '1 song' : `${count} songs`;
}
