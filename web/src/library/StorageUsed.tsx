import { useQuery } from '@tanstack/react-query';
import { jobs } from '@/api/clients';
import { keys } from '@/api/queries';
import { sizeWords } from '@/uploads';

/** How much is kept, in a line; silent until it is known. */
export function StorageUsed() {
  const { data } = useQuery({ queryKey: keys.usage(), queryFn: ({ signal }) => jobs.getUsage({}, { signal }) });
  const songs = Number(data?.tracks ?? 0);
  return (
    <p className="mt-1 min-h-6 text-muted">
      {data &&
        (songs === 0
          ? 'Nothing is kept yet.'
          : `${songs} ${songs === 1 ? 'song' : 'songs'} · ${sizeWords(Number(data.storedBytes))} used with all parts`)}
    </p>
  );
}
