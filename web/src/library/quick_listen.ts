import { create } from 'zustand';
import { tracks } from '@/api/clients';
import { TrackFile } from '@/api/gen/puremusic/ingest/v1/ingest_pb';

interface QuickListen {
  /** The song that is heard, or about to be. */
  readonly trackId: string | undefined;
  readonly state: 'off' | 'loading' | 'playing';
}

const OFF: QuickListen = { trackId: undefined, state: 'off' };

/** One song at a time, as a whole: to remember which one it is. */
export const useQuickListen = create<QuickListen>(() => OFF);

let audio: HTMLAudioElement | undefined;

/** Plays a song from its beginning instead of what was played before; throws where it can't. */
export async function listenTo(trackId: string): Promise<void> {
  stopListening();
  useQuickListen.setState({ trackId, state: 'loading' });
  try {
    const { url } = await tracks.getDownloadUrl({ trackId, file: TrackFile.MASTER });
    if (useQuickListen.getState().trackId !== trackId) return; // another one was chosen meanwhile
    audio = new Audio(url);
    audio.onended = stopListening;
    await audio.play();
    useQuickListen.setState({ trackId, state: 'playing' });
  } catch (error) {
    if (useQuickListen.getState().trackId !== trackId) return;
    stopListening();
    throw error;
  }
}

export function stopListening(): void {
  audio?.pause();
  audio?.removeAttribute('src');
  audio = undefined;
  useQuickListen.setState(OFF);
}
