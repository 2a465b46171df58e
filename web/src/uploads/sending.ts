import type { Missing, Piece, UploadTransport } from './transport';

const PIECES_AT_ONCE = 3;

/**
 * Sends what is missing of a file, a few pieces side by side, and tells how many bytes of the whole are there.
 *
 * When a piece fails no further one is begun, those on their way are let arrive, and the first failure is thrown.
 */
export async function sendMissing(
  file: Blob,
  { pieces }: Missing,
  transport: Pick<UploadTransport, 'send'>,
  onThere: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const under = new Map<number, number>();
  const left = pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
  let there = Math.max(0, file.size - left);
  const tell = () => onThere(there + sumOf(under.values()));
  const failures: unknown[] = [];
  const queue = [...pieces];
  tell();

  const sendOne = async (piece: Piece) => {
    const bytes = file.slice(piece.start, piece.start + piece.sizeBytes);
    try {
      const onSent = (sent: number) => {
        under.set(piece.number, sent);
        tell();
      };
      await transport.send(piece, bytes, onSent, signal);
      there += piece.sizeBytes;
    } catch (error) {
      failures.push(error);
    } finally {
      under.delete(piece.number);
      tell();
    }
  };

  const lane = async () => {
    for (let piece = queue.shift(); piece && failures.length === 0; piece = queue.shift()) await sendOne(piece);
  };
  await Promise.all(Array.from({ length: PIECES_AT_ONCE }, lane));
  if (failures.length > 0) throw failures[0];
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
