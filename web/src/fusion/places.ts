import type { JsonObject, JsonValue } from '@bufbuild/protobuf';

/** A stretch of a source that is heard without a break: (second of the song, second of the source), ascending. */
type Line = readonly (readonly [song: number, source: number])[];

/** Which second of a source song is heard at which second of a fusion, as its receipt says. */
export class Places {
  private constructor(private readonly lines: ReadonlyMap<string, readonly Line[]>) {}

  /** Reads a receipt; one of another kind has no places. */
  static of(receipt: JsonObject): Places {
    const arrangement = objectOf(receipt.arrangement);
    const sources = objectOf(receipt.sources);
    const rate = Number(arrangement.sample_rate) || 1;
    const first = Array.isArray(receipt.window) ? Number(receipt.window[0]) : 0;
    const lines = new Map<string, Line[]>();
    for (const voice of listOf(arrangement.voices).map(objectOf)) {
      if (voice.muted === true) continue;
      const trackId = String(objectOf(sources[String(voice.source)]).track_id ?? '');
      const found = listOf(voice.pieces).map((piece) => lineOf(objectOf(piece), rate, first));
      lines.set(trackId, [...(lines.get(trackId) ?? []), ...found.filter((line) => line.length > 1)]);
    }
    for (const of of lines.values()) of.sort((one, other) => start(one) - start(other));
    return new Places(lines);
  }

  /** The second of the source song that sounds then; where it is silent, the next one that will. */
  ofSource(trackId: string, songSeconds: number): number | undefined {
    return through(this.lines.get(trackId) ?? [], songSeconds, 0, songSeconds);
  }

  /** The second of the fusion at which this second of the source song sounds, the one nearest to `near` if there are several. */
  ofSong(trackId: string, sourceSeconds: number, near: number): number | undefined {
    return through(this.lines.get(trackId) ?? [], sourceSeconds, 1, near);
  }
}

function through(lines: readonly Line[], at: number, from: 0 | 1, near: number): number | undefined {
  const to = from === 0 ? 1 : 0;
  const holding = lines.filter((line) => edge(line, 0, from) <= at && at < edge(line, -1, from));
  if (holding.length > 0) {
    const places = holding.map((line) => between(line, at, from, to));
    return from === 0 ? places[0] : places.reduce((best, each) => (closer(each, best, near) ? each : best));
  }
  // It is silent there: go on where it comes in next, or else where it was last heard.
  const later = lines.filter((line) => edge(line, 0, from) > at).sort((a, b) => edge(a, 0, from) - edge(b, 0, from))[0];
  if (later) return edge(later, 0, to);
  const last = [...lines].sort((a, b) => edge(b, -1, from) - edge(a, -1, from))[0];
  return last && edge(last, -1, to);
}

function between(line: Line, at: number, from: 0 | 1, to: 0 | 1): number {
  const after = Math.max(
    1,
    line.findIndex((anchor) => anchor[from] > at),
  );
  const low = line[after - 1];
  const high = line[after];
  if (!low || !high) return edge(line, -1, to);
  return low[to] + ((at - low[from]) / (high[from] - low[from])) * (high[to] - low[to]);
}

function closer(one: number, other: number, to: number): boolean {
  return Math.abs(one - to) < Math.abs(other - to);
}

function edge(line: Line, index: 0 | -1, axis: 0 | 1): number {
  return line.at(index)?.[axis] ?? 0;
}

function start(line: Line): number {
  return edge(line, 0, 0);
}

function lineOf(piece: JsonObject, rate: number, first: number): Line {
  return listOf(piece.anchors)
    .map(listOf)
    .map(([frame, second]) => [(Number(frame) - first) / rate, Number(second)] as const);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
