import type { StemName } from '@/mixer/mix';

/** What is known of how far somebody is on the way from files to a fused song. */
export interface Way {
  /** Songs in the library, whatever their state. */
  readonly songs: number;
  /** Songs of which stems can be picked. */
  readonly apart: number;
  /** Whether files are being sent from here. */
  readonly sending: boolean;
  /** Whether songs are being checked or taken apart. */
  readonly working: boolean;
  readonly voices: readonly { readonly trackId: string; readonly type: StemName }[];
}

export interface Step {
  readonly words: string;
  /** Where it is done; absent: there is nothing to do but wait. */
  readonly href?: string;
  readonly label?: string;
}

/** What comes next, in a sentence. */
export function nextStep(way: Way): Step {
  const { songs, apart, voices } = way;
  if (songs === 0) return { words: 'Begin by bringing two songs.', href: '/library', label: 'Bring songs' };
  if (apart === 0) return beforeTheFirst(way);
  if (voices.length === 0)
    return { words: 'Pick the parts you like: add them to your mix.', href: '/library', label: 'Pick parts' };
  const from = new Set(voices.map((voice) => voice.trackId)).size;
  if (from === 1 && songs > 1)
    return { words: 'Your mix has parts of one song. Add some of another.', href: '/library', label: 'Pick parts' };
  return { words: 'Listen to your mix, and fuse it into one song when you like it.', href: '/fuse', label: 'Fuse' };
}

/** What comes next while no song is apart: it depends on whether anything is on its way there. */
function beforeTheFirst({ songs, sending, working }: Way): Step {
  if (working && songs > 1) return { words: 'Your songs are being taken apart. You can leave this page; it goes on.' };
  if (sending) return { words: 'Your songs are on their way. Leave this page open until they have arrived.' };
  if (working)
    return {
      words: 'Your song is being taken apart. Bring a second one meanwhile.',
      href: '/library',
      label: 'Bring another song',
    };
  const none = songs === 1 ? 'Your song is not' : 'None of your songs is';
  return {
    words: `${none} taken apart yet. The library says what it waits for.`,
    href: '/library',
    label: 'Look there',
  };
}
