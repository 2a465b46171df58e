// The two check sums of FLAC (RFC 9639, sections 9.1.8 and 9.3), both most significant bit first, starting from 0.

const CRC8 = table(8, 0x07);
const CRC16 = table(16, 0x8005);

/** The check sum of `bytes[from..to)`; 0 if these end with their own check sum. */
export function crc8(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum = CRC8[sum ^ (bytes[i] as number)] as number;
  return sum;
}

/** The check sum after `bytes[from..to)`, going on from `sum`; 0 at the end of an undamaged frame. */
export function crc16(sum: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) sum = crc16Step(sum, bytes[i] as number);
  return sum;
}

/** The check sum after one more byte. */
export function crc16Step(sum: number, byte: number): number {
  return ((sum << 8) & 0xffff) ^ (CRC16[(sum >> 8) ^ byte] as number);
}

function table(bits: number, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1);
  const mask = (1 << bits) - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let sum = byte << (bits - 8);
    for (let bit = 0; bit < 8; bit++) sum = sum & top ? (sum << 1) ^ polynomial : sum << 1;
    return sum & mask;
  });
}
