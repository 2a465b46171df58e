/** One wish that is sent, however often: with the same key it is carried out once. */
export interface Attempt {
  readonly fingerprint: string;
  readonly key: string;
}

/** The attempt that goes on while the wish is the same, or a new one. */
export function attemptFor(previous: Attempt | undefined, fingerprint: string): Attempt {
  return previous?.fingerprint === fingerprint ? previous : { fingerprint, key: newKey() };
}

// Not randomUUID, which browsers have only where the page came safely (https, or one's own machine).
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
