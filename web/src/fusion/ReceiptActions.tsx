import { useMutation } from '@tanstack/react-query';
import { ReceiptText, RotateCw } from 'lucide-react';
import { useId } from 'react';
import { failureOf } from '@/api/failures';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Button, Card, Icon, Notice } from '@/design';
import { fetchReceipt, saveReceipt, useMadeAgain } from './receipts';

/** The receipt: to save it, and to have the song made again by it. */
export function ReceiptActions({ fusion: { fusionId, title } }: { readonly fusion: Fusion }) {
  const id = useId();
  const saving = useMutation({
    mutationFn: () => fetchReceipt(fusionId),
    onSuccess: (receipt) => saveReceipt(receipt, title),
  });
  const again = useMadeAgain();
  const repeating = useMutation({
    mutationFn: async () => again.mutateAsync({ receipt: await fetchReceipt(fusionId), title }),
  });
  const error = saving.error ?? repeating.error;
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-xl">
        Receipt
      </h2>
      <Card className="flex flex-col gap-4">
        <p className="text-muted text-sm">
          It says how the song was made, to the sample. As long as its stems are there, the same song can be made again.
        </p>
        <div className="flex flex-wrap gap-2">
          <Button size="small" busy={saving.isPending} onClick={() => saving.mutate()}>
            <Icon of={ReceiptText} />
            Save the receipt
          </Button>
          <Button size="small" busy={repeating.isPending} onClick={() => repeating.mutate()}>
            <Icon of={RotateCw} />
            Make it again
          </Button>
        </div>
        {error && <Notice kind="error">{failureOf(error).message}</Notice>}
      </Card>
    </section>
  );
}
