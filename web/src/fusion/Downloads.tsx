import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Fusion, FusionFormat } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Button, Card, Icon, Notice } from '@/design';
import { formatOf, sizeOf } from './formats';

/** Every file of the song, with its size. */
export function Downloads({ fusion: { fusionId, result } }: { readonly fusion: Fusion }) {
  const saving = useMutation({
    mutationFn: (format: FusionFormat) => fusions.getDownloadUrl({ fusionId, format }),
    // The store answers with a file to save, so the page stays.
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <section aria-labelledby="downloads" className="flex flex-col gap-3">
      <h2 id="downloads" className="text-xl">
        Download
      </h2>
      <Card className="p-0!">
        <ul className="divide-y divide-line">
          {(result?.files ?? []).map(({ format, sizeBytes }) => {
            const known = formatOf(format);
            const label = known?.label ?? 'File';
            return (
              <li key={format} className="flex items-center gap-4 px-5 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">
                    {label}{' '}
                    <span className="whitespace-nowrap font-normal text-muted text-sm">{sizeOf(sizeBytes)}</span>
                  </p>
                  <p className="text-muted text-sm">{known?.use}</p>
                </div>
                <Button
                  size="small"
                  aria-label={`Download ${label}`}
                  busy={saving.isPending && saving.variables === format}
                  onClick={() => saving.mutate(format)}
                >
                  <Icon of={Download} />
                </Button>
              </li>
            );
          })}
        </ul>
      </Card>
      {saving.error && (
        <Notice
          kind="error"
          action={
            <Button size="small" onClick={() => saving.variables !== undefined && saving.mutate(saving.variables)}>
              Try again
            </Button>
          }
        >
          {failureOf(saving.error).message}
        </Notice>
      )}
    </section>
  );
}
