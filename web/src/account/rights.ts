import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { keys } from '@/api/queries';

/** What the operator publishes at `/rights.json`; texts as `Prose` shows them. */
export interface Rights {
  /** The version that registering accepts. */
  readonly termsVersion: string;
  readonly terms: string;
  readonly copyright: string;
  /** Whom to ask, and where to report a song: an e-mail address, an address of a page, or words. */
  readonly contact: string;
}

/** The operator's terms, copyright notice and contact. */
export function useRights(): UseQueryResult<Rights> {
  return useQuery({ queryKey: keys.rights(), queryFn: ({ signal }) => fetchRights(signal), staleTime: 300_000 });
}

async function fetchRights(signal: AbortSignal): Promise<Rights> {
  const response = await fetch('/rights.json', { signal });
  if (!response.ok) throw new Error(`rights: ${response.status}`);
  return response.json();
}
