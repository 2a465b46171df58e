import type { JsonObject } from '@bufbuild/protobuf';
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { fusions } from '@/api/clients';
import { keys, queryClient } from '@/api/queries';
import { type Attempt, attemptFor } from './attempt';

/** Makes again what a receipt says, and leads to the new song. */
export function useMadeAgain() {
  const [, navigate] = useLocation();
  const sending = useRef<Attempt>(undefined);
  return useMutation({
    mutationFn: async ({ receipt, title = '' }: { readonly receipt: JsonObject; readonly title?: string }) => {
      sending.current = attemptFor(sending.current, JSON.stringify([receipt, title]));
      return await fusions.createFusionFromReceipt({ receipt, title, idempotencyKey: sending.current.key });
    },
    onSuccess: (made) => {
      sending.current = undefined;
      queryClient.setQueryData(keys.fusion(made.fusionId), made);
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
      navigate(`/fusions/${made.fusionId}`);
    },
  });
}

/** Reads a receipt's file; throws a sentence for people where it is none. */
export async function readReceipt(file: File): Promise<JsonObject> {
  const read: unknown = await file
    .text()
    .then(JSON.parse)
    .catch(() => undefined);
  if (typeof read !== 'object' || read === null || !('receipt' in read)) {
    throw new Error(`“${file.name}” is no receipt. Choose a .json file that was saved from a fused song.`);
  }
  return read as JsonObject;
}

/** The receipt of a finished fusion; throws where there is none. */
export async function fetchReceipt(fusionId: string): Promise<JsonObject> {
  const { receipt } = await fusions.getReceipt({ fusionId });
  return receipt ?? {};
}

// What is a path, or more than text, to some file system.
const FORBIDDEN = /[/\\:*?"<>|]/g;

/** Saves a receipt as a file that is called as its song. */
export function saveReceipt(receipt: JsonObject, title: string): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(receipt, null, 1)}\n`], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), {
    href: url,
    download: `${title.replace(FORBIDDEN, '_')} (receipt).json`,
  });
  link.click();
  URL.revokeObjectURL(url);
}
