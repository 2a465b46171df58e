import { useMutation } from '@tanstack/react-query';
import { failureOf } from '@/api/failures';
import type { DownloadUrl } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { later } from '@/api/later';

const ASK_AGAIN_MS = 2_000;
// After so long something is wrong that asking does not mend.
const LONGEST_MS = 10 * 60_000;

/** Where a file can be fetched, once it has been made: the server is asked again while it is preparing it. */
export async function whenPrepared(ask: () => Promise<DownloadUrl>, signal?: AbortSignal): Promise<DownloadUrl> {
  const begun = Date.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (failureOf(error).reason !== 'DOWNLOAD_IN_PREPARATION' || Date.now() - begun > LONGEST_MS) throw error;
      await later(ASK_AGAIN_MS, signal);
    }
  }
}

/** Fetches a file for a person to keep. */
export function useDownload() {
  return useMutation({
    mutationFn: (ask: () => Promise<DownloadUrl>) => whenPrepared(ask),
    onSuccess: save,
  });
}

/** Hands the file to the browser, which saves it under its name. */
function save({ url, filename }: DownloadUrl): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
}
