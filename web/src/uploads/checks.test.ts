import { describe, expect, it } from 'vitest';
import { checkFile, MOST_BYTES } from './checks';

const minutes = (count: number) => async () => count * 60;
const unknown = async () => undefined;
const flac = (name = 'song.flac') => new File(['fLaC and so on'], name);

describe('checkFile', () => {
  it('lets songs through', async () => {
    expect(await checkFile(flac(), minutes(4))).toBeUndefined();
    expect(await checkFile(flac(), unknown)).toBeUndefined();
  });

  it('refuses empty files', async () => {
    const problem = await checkFile(new File([], 'song.flac'), unknown);
    expect(problem?.reason).toBe('EMPTY');
  });

  it('refuses what is no song, and says what it is', async () => {
    const text = await checkFile(new File(['Dear diary'], 'song.mp3'), unknown);
    expect(text?.reason).toBe('NOT_AUDIO');
    expect(text?.message).toContain('It is called MP3, but there is no sound in it');
    const archive = await checkFile(new File(['PK\x03\x04'], 'songs.zip'), unknown);
    expect(archive?.reason).toBe('UNSUPPORTED_FORMAT');
    expect(archive?.message).toContain('This is a ZIP archive');
  });

  it('refuses more than 200 MB without reading it', async () => {
    const file = flac();
    Object.defineProperty(file, 'size', { value: MOST_BYTES + 1 });
    const problem = await checkFile(file, unknown);
    expect(problem?.reason).toBe('FILE_TOO_LARGE');
    expect(problem?.message).toContain('The file has 201 MB, and at most 200 MB are taken');
  });

  it('refuses what is longer than 15 minutes, with some room for guesses of the browser', async () => {
    const problem = await checkFile(flac(), minutes(21.5));
    expect(problem?.reason).toBe('TOO_LONG');
    expect(problem?.message).toContain('21 minutes');
    expect(await checkFile(flac(), minutes(15.1))).toBeUndefined();
  });

  it('refuses what can’t be read, as folders', async () => {
    const folder = new File(['x'], 'Album');
    folder.slice = () => {
      throw new DOMException('a folder', 'NotReadableError');
    };
    expect((await checkFile(folder, unknown))?.reason).toBe('UNREADABLE');
  });
});
