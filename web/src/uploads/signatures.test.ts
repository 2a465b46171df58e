import { describe, expect, it } from 'vitest';
import { containerOf, foreignKindOf } from './signatures';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('containerOf', () => {
  it.each([
    ['RIFF\x24\x00\x00\x00WAVEfmt ', 'WAV'],
    ['RF64\xff\xff\xff\xffWAVEds64', 'WAV'],
    ['FORM\x00\x00\x00\x00AIFFCOMM', 'AIFF'],
    ['FORM\x00\x00\x00\x00AIFCCOMM', 'AIFF'],
    ['fLaC\x00\x00\x00\x22', 'FLAC'],
    ['OggS\x00\x02', 'OGG'],
    ['ID3\x04\x00', 'MP3'],
    ['\xff\xfb\x90\x64', 'MP3'],
    ['\xff\xf1\x50\x80', 'AAC'],
    ['\x00\x00\x00\x20ftypM4A ', 'M4A'],
  ])('%j is %s', (head, container) => {
    expect(containerOf(bytes(head))).toBe(container);
  });

  it.each([
    '\x89PNG\r\n',
    '\xff\xd8\xff\xe0',
    '\x00\x00\x00\x20ftypheic',
    'RIFF\x00\x00\x00\x00AVI ',
    'Hello, this is text',
    '\xff',
    '',
  ])('%j is no song', (head) => {
    expect(containerOf(bytes(head))).toBeUndefined();
  });
});

describe('foreignKindOf', () => {
  it('knows what people mistake for songs', () => {
    expect(foreignKindOf(bytes('\x00\x00\x00\x20ftypheic'))).toBe('a picture');
    expect(foreignKindOf(bytes('RIFF\x00\x00\x00\x00AVI LIST'))).toBe('an AVI video');
    expect(foreignKindOf(bytes('MThd\x00'))).toMatch(/MIDI/);
  });

  it('does not claim to know the rest', () => {
    expect(foreignKindOf(bytes('Hello'))).toBeUndefined();
  });
});
