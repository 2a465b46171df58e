/** One page of a list, and where the next begins; empty on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string;
}

/** Everything that a paged list holds. */
export async function all<T>(fetchPage: (pageToken: string) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const { items, next }: Page<T> = await fetchPage(token);
    found.push(...items);
    token = next || undefined;
  }
  return found;
}
