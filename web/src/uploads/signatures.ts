/** The containers that PureMusic takes in. */
export type Container = 'WAV' | 'AIFF' | 'FLAC' | 'OGG' | 'MP3' | 'M4A' | 'AAC';

/** As many bytes of a file's beginning as `containerOf` and `foreignKindOf` look at. */
export const HEAD_BYTES = 64;

const IMAGE_BRANDS = ['heic', 'heix', 'mif1', 'msf1', 'avif', 'avis', 'crx '];

/** Which container the first bytes of a file announce, as the API's own check sees it. Names are not looked at. */
export function containerOf(head: Uint8Array): Container | undefined {
  const at = (start: number, word: string) => says(head, start, word);
  if ((at(0, 'RIFF') || at(0, 'RF64')) && at(8, 'WAVE')) return 'WAV';
  if (at(0, 'FORM') && (at(8, 'AIFF') || at(8, 'AIFC'))) return 'AIFF';
  if (at(0, 'fLaC')) return 'FLAC';
  if (at(0, 'OggS')) return 'OGG';
  if (at(0, 'ID3')) return 'MP3'; // what follows the tag is found by the API
  if (at(4, 'ftyp')) return IMAGE_BRANDS.some((brand) => at(8, brand)) ? undefined : 'M4A';
  return frameOf(head);
}

/** What begins with an MPEG frame: eleven or more bits set, then the layer. JPEG begins like a layer that nobody uses. */
function frameOf(head: Uint8Array): Container | undefined {
  const [first, second = 0, third] = head;
  if (first !== 0xff || (second === 0xd8 && third === 0xff)) return undefined;
  if ((second & 0xf6) === 0xf0) return 'AAC';
  return (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 ? 'MP3' : undefined;
}

// What people mistake for songs, in words: where it begins, what it says there, what it is.
const FOREIGN: readonly (readonly [number, string, string])[] = [
  [0, '\x1a\x45\xdf\xa3', 'a WebM or Matroska video'],
  [0, '\x30\x26\xb2\x75', 'a Windows Media file'],
  [0, 'caff', 'a Core Audio file'],
  [0, 'MThd', 'a MIDI file, which has notes and no sound'],
  [0, 'wvpk', 'a WavPack file'],
  [0, 'MAC ', 'a Monkey’s Audio file'],
  [0, '#!AMR', 'an AMR recording'],
  [0, '#EXTM3U', 'a playlist, which has no sound of its own'],
  [8, 'AVI ', 'an AVI video'],
  [0, '\x89PNG', 'a picture'],
  [0, '\xff\xd8\xff', 'a picture'],
  [0, 'GIF8', 'a picture'],
  [8, 'WEBP', 'a picture'],
  [4, 'ftyp', 'a picture'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '\x1f\x8b', 'an archive'],
  [0, 'Rar!', 'a RAR archive'],
  [0, '7z\xbc\xaf', 'a 7z archive'],
  [0, '%PDF', 'a PDF document'],
];

/** What a file is that no container was found in, with its article; undefined where even that is not known. */
export function foreignKindOf(head: Uint8Array): string | undefined {
  return FOREIGN.find(([start, word]) => says(head, start, word))?.[2];
}

function says(head: Uint8Array, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (head[start + i] !== word.charCodeAt(i)) return false;
  return true;
}
