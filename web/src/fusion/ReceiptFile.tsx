import { ReceiptText } from 'lucide-react';
import { useRef, useState } from 'react';
import { failureOf } from '@/api/failures';
import { Button, Icon, Notice } from '@/design';
import { Fold } from './Fold';
import { readReceipt, useMadeAgain } from './receipts';

/** A song is made again from the receipt that was saved of it. */
export function ReceiptFile() {
  const input = useRef<HTMLInputElement>(null);
  const [unreadable, setUnreadable] = useState<string>();
  const again = useMadeAgain();
  const take = async (file: File | undefined) => {
    if (!file) return;
    again.reset();
    setUnreadable(undefined);
    try {
      again.mutate({ receipt: await readReceipt(file) });
    } catch (error) {
      setUnreadable(error instanceof Error ? error.message : String(error));
    }
  };
  const wrong = unreadable ?? (again.error && failureOf(again.error).message);
  return (
    <Fold title="Have a receipt?" summary="Make a song again, exactly as it was.">
      <p className="max-w-prose text-muted">
        A receipt is a small file that says how a song was made, to the sample. From the same stems it gives the same
        song.
      </p>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        aria-label="Receipt file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <Button className="self-start" busy={again.isPending} onClick={() => input.current?.click()}>
        <Icon of={ReceiptText} />
        Choose a receipt
      </Button>
      {wrong && <Notice kind="error">{wrong}</Notice>}
    </Fold>
  );
}
