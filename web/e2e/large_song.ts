/** A WAV file (16 bit, stereo, 44.1 kHz) of so many bytes or a few less; the same `seed` sounds the same. */
export function waveFile(bytes: number, seed = 1): Buffer {
  const header = 44;
  const data = Math.floor((bytes - header) / 4) * 4;
  const file = Buffer.alloc(header + data);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + data, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(44_100, 24);
  file.writeUInt32LE(44_100 * 4, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(data, 40);
  let state = seed;
  for (let at = header; at < file.length; at += 2) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    file.writeInt16LE((state >>> 20) - 2048, at);
  }
  return file;
}
