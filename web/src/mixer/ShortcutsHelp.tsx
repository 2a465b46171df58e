import { Dialog, Switch } from '@/design';
import { useMix } from './mix';
import { SHORTCUTS } from './shortcuts';

/** Says what the keys do, and turns them off for those whom they disturb. */
export function ShortcutsHelp({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const shortcuts = useMix((mix) => mix.shortcuts);
  const listen = useMix((mix) => mix.listen);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys">
      <table className="w-full text-left">
        <thead className="sr-only">
          <tr>
            <th scope="col">Key</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {SHORTCUTS.map(([key, deed]) => (
            <tr key={key} className="border-line border-b last:border-0">
              <th scope="row" className="whitespace-nowrap py-2 pr-5 align-top font-medium">
                <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 text-sm">{key}</kbd>
              </th>
              <td className="py-2">{deed}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="mt-5">
        <Switch
          label="Use these keys"
          checked={shortcuts}
          onChange={(on) => listen({ shortcuts: on })}
          hint="Turn them off if you speak to your computer, or if they get in your way. Everything has a button too."
        />
      </div>
    </Dialog>
  );
}
