import type { Piece } from './transport';
import { INTERRUPTED, interrupted, refused, UploadError } from './upload_error';

// Bytes that nobody takes for this long are on a connection that is gone.
const SILENCE_MS = 45_000;

/** Sends a piece to the object store. XMLHttpRequest, since `fetch` does not tell how much is through. */
export async function sendBytes(
  piece: Piece,
  bytes: Blob,
  onSent: (sent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const stop = () => request.abort();
  let timer = setTimeout(stop, SILENCE_MS);
  signal.addEventListener('abort', stop);
  window.addEventListener('offline', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      request.upload.onprogress = ({ loaded }) => {
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE_MS);
        onSent(Math.min(loaded, bytes.size));
      };
      request.onload = () => {
        const verdict = verdictOn(request.status);
        if (verdict) reject(verdict);
        else resolve();
      };
      request.onerror = () => reject(new UploadError(INTERRUPTED));
      request.onabort = () => reject(signal.aborted ? signal.reason : new UploadError(INTERRUPTED));
      request.open(piece.fields ? 'POST' : 'PUT', piece.url);
      request.send(piece.fields ? form(piece.fields, bytes) : bytes);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    window.removeEventListener('offline', stop);
  }
}

function form(fields: Readonly<Record<string, string>>, bytes: Blob): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append('file', bytes); // the store reads what comes before it as the form's fields
  return data;
}

function verdictOn(status: number): UploadError | undefined {
  if (status >= 200 && status < 300) return undefined;
  // 403 also says that the address has run out; the next one is fresh.
  return status === 403 || status === 408 || status === 429 || status >= 500 ? interrupted(status) : refused(status);
}
