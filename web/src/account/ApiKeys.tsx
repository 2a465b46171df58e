import { timestampDate } from '@bufbuild/protobuf/wkt';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { auth } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { ApiKey } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { keys, queryClient } from '@/api/queries';
import { Badge, Button, ConfirmDialog, Notice, Skeleton } from '@/design';
import { all } from './all_pages';
import { NewApiKey } from './NewApiKey';
import { useSubmitting } from './submitting';

const fetchKeys = (signal: AbortSignal) =>
  all(async (pageToken) => {
    const page = await auth.listApiKeys({ pageSize: 200, pageToken }, { signal });
    return { items: page.apiKeys, next: page.nextPageToken };
  });

/** The keys that there are, and making and ending them. */
export function ApiKeys() {
  const { data, error, refetch } = useQuery({ queryKey: keys.apiKeys(), queryFn: ({ signal }) => fetchKeys(signal) });
  return (
    <div className="flex flex-col gap-6">
      {error && (
        <Notice
          kind="error"
          action={
            <Button size="small" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          {failureOf(error).message}
        </Notice>
      )}
      {!data && !error && <Skeleton className="h-14" />}
      {data?.length === 0 && <p className="text-muted">There are no keys yet.</p>}
      {data && data.length > 0 && (
        <ul className="divide-y divide-line border-line border-y">
          {data.map((key) => (
            <KeyLine key={key.apiKeyId} apiKey={key} />
          ))}
        </ul>
      )}
      <NewApiKey />
    </div>
  );
}

function KeyLine({ apiKey }: { readonly apiKey: ApiKey }) {
  const [asking, setAsking] = useState(false);
  const { busy, failure, submit } = useSubmitting(async () => {
    await auth.revokeApiKey({ apiKeyId: apiKey.apiKeyId });
    await queryClient.invalidateQueries({ queryKey: keys.apiKeys() });
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-48 flex-1">
        <p className="font-medium">{apiKey.name}</p>
        <p className="text-muted text-sm">{history(apiKey)}</p>
      </div>
      <Badge>{apiKey.scopes.includes('write') ? 'Reads and changes' : 'Reads only'}</Badge>
      <Button size="small" variant="quiet" aria-label={`End the key ${apiKey.name}`} onClick={() => setAsking(true)}>
        End it
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`End the key “${apiKey.name}”?`}
        confirm="End the key"
        busy={busy}
        onConfirm={submit}
      >
        Programs that use it stop working within 15 minutes. It can’t be undone.
        {failure && (
          <Notice kind="error" className="mt-3">
            {failure.message}
          </Notice>
        )}
      </ConfirmDialog>
    </li>
  );
}

function history({ createTime, lastUsedTime, expireTime }: ApiKey): string {
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
  const parts = [
    createTime && `Made ${day.format(timestampDate(createTime))}`,
    lastUsedTime ? `last used ${day.format(timestampDate(lastUsedTime))}` : 'never used',
    expireTime && `runs out ${day.format(timestampDate(expireTime))}`,
  ];
  return parts.filter(Boolean).join(', ');
}
