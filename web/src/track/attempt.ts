/** A key for a call that is made once however often it is tried. */
export function newKey(): string {
  // Not randomUUID, which browsers have only where the page came safely (https, or one's own machine).
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
