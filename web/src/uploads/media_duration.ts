const PATIENCE_MS = 4_000;

/** How long a song lasts by the browser's own decoder, seconds; undefined where it can't tell (AIFF, for one). */
export async function mediaDuration(file: File): Promise<number | undefined> {
  const url = URL.createObjectURL(file);
  const audio = new Audio();
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      const settle = (seconds: number | undefined) => {
        clearTimeout(timer);
        resolve(seconds);
      };
      audio.onloadedmetadata = () => settle(Number.isFinite(audio.duration) ? audio.duration : undefined);
      audio.onerror = () => settle(undefined);
      audio.preload = 'metadata';
      audio.src = url;
    });
  } finally {
    audio.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}
