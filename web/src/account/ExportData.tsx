import { Download } from 'lucide-react';
import { Button, Icon, Notice } from '@/design';
import { useSubmitting } from './submitting';

/** Makes the file and gives it to the browser. */
export function ExportData() {
  const { busy, failure, submit } = useSubmitting(async () => {
    const { exported } = await import('./exported');
    save(new Blob([JSON.stringify(await exported(), null, 2)], { type: 'application/json' }), 'puremusic-data.json');
  });
  return (
    <div className="flex flex-col gap-4">
      {failure && (
        <Notice kind="error" title="The file was not made">
          {failure.message}
        </Notice>
      )}
      <p className="text-muted">
        Sound is not in it: songs, parts and fused songs are downloaded where they are shown.
      </p>
      <Button busy={busy} onClick={submit} className="self-start">
        <Icon of={Download} />
        Export my data
      </Button>
    </div>
  );
}

function save(content: Blob, filename: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
