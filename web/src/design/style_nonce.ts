/** What a style element must bear so that the Content-Security-Policy lets it be: for libraries that make some. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
