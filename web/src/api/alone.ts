/**
 * Runs `work` while no other tab of this browser runs work of the same name; waits for its turn.
 *
 * Browsers have locks only where pages came safely (https, or one's own machine); elsewhere tabs don't wait.
 */
export async function alone<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!navigator.locks) return work();
  return await navigator.locks.request(name, signal ? { signal } : {}, work);
}
