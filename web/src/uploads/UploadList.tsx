import { Card } from '@/design';
import { UploadRow } from './UploadRow';
import { useUploads } from './uploading';

/** What is on its way into the library, with what can be done about it; absent when nothing is. */
export function UploadList() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  return (
    <Card>
      <h2 className="text-lg">{uploads.length === 1 ? 'On its way' : `${uploads.length} songs on their way`}</h2>
      <ul className="divide-y divide-line [&>li:last-child]:pb-0">
        {uploads.map((upload) => (
          <UploadRow key={upload.key} upload={upload} />
        ))}
      </ul>
    </Card>
  );
}
