import type { Upload } from './upload';

/** A size in words: `820 kB`, `31.4 MB`, `1.20 GB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** What is left of something, in words: `about 40 seconds left`; empty while nothing can be said. */
export function leftWords(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} seconds left`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `about ${minutes} minute${minutes === 1 ? '' : 's'} left`;
}

/** How far an upload is, 0 to 1: what is read while it is read, then what has arrived. */
export function shareOf({ phase, read, there, sizeBytes }: Upload): number {
  return (phase === 'reading' ? read : there) / Math.max(1, sizeBytes);
}

/** Where an upload stands, in a line. */
export function phaseWords(upload: Upload): string {
  const { phase, sizeBytes, secondsLeft } = upload;
  const percent = `${Math.floor(shareOf(upload) * 100)} %`;
  const size = sizeWords(sizeBytes);
  switch (phase) {
    case 'queued':
      return `Waiting for its turn · ${size}`;
    case 'reading':
      return `Getting ready: ${percent} of ${size}`;
    case 'sending':
      return joined(`Uploading: ${percent} of ${size}`, leftWords(secondsLeft));
    case 'waiting':
      return `Interrupted at ${percent} of ${size}; goes on by itself`;
    case 'paused':
      return `Paused at ${percent} of ${size}`;
    case 'completing':
      return 'Uploaded. Being handed over';
    case 'failed':
      return `Not uploaded · ${size}`;
    case 'unfinished':
      return `Not finished · ${size}`;
  }
}

const joined = (...parts: readonly string[]) => parts.filter(Boolean).join(' · ');
