import { timestampMs } from '@bufbuild/protobuf/wkt';
import { separations } from '@/api/clients';
import type { ListSegmentsResponse } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { onJob } from '@/api/watch';
import { SegmentSource } from './engine/segment_source';
import type { StemShape } from './engine/source';
import type { StemName } from './stem_names';
import { stemName } from './stem_types';

// Addresses are asked for anew this long before they run out.
const MARGIN_MS = 30_000;

interface Address {
  readonly url: string;
  readonly goodUntil: number;
}

/** The stems of a separation that runs: it follows the job and hands each new segment to the sources. */
export class EarlyStems {
  readonly #separationId: string;
  readonly #shape: StemShape;
  readonly #sources = new Map<StemName, SegmentSource>();
  readonly #addresses = new Map<string, Address>();
  readonly #stop: () => void;
  #reached = 0;
  #listing = false;
  #stale = false;

  constructor(separationId: string, shape: StemShape) {
    this.#separationId = separationId;
    this.#shape = shape;
    this.#stop = onJob((job) => {
      if (job.jobId === separationId) void this.look();
    });
    void this.look();
  }

  source(type: StemName): SegmentSource {
    let source = this.#sources.get(type);
    if (!source) {
      source = new SegmentSource(this.#shape);
      this.#sources.set(type, source);
      // Segments that came before the source was asked for.
      this.#reached = 0;
      void this.look();
    }
    return source;
  }

  /** Fetches what is new. */
  async look(): Promise<void> {
    this.#stale = true;
    if (this.#listing) return;
    this.#listing = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        await this.#listOn();
      }
    } catch {
      // The next change of the job has it tried again.
    } finally {
      this.#listing = false;
    }
  }

  /** Nobody listens to this stem any more. Returns whether nobody listens to any; then it follows the job no longer. */
  leave(type: StemName): boolean {
    this.#sources.delete(type);
    if (this.#sources.size > 0) return false;
    this.#stop();
    return true;
  }

  async #listOn(): Promise<void> {
    for (;;) {
      const answer = await this.#list(this.#reached);
      const last = answer.segments.at(-1);
      if (!last) return;
      this.#reached = Number(last.firstFrame + last.frames);
      if (this.#reached >= Number(answer.playableFrames)) return;
    }
  }

  async #list(fromFrame: number): Promise<ListSegmentsResponse> {
    const answer = await separations.listSegments({ separationId: this.#separationId, fromFrame: BigInt(fromFrame) });
    const goodUntil = (answer.expireTime ? timestampMs(answer.expireTime) : Date.now()) - MARGIN_MS;
    for (const segment of answer.segments) {
      const firstFrame = Number(segment.firstFrame);
      for (const stem of segment.stems) {
        const type = stemName(stem.type);
        if (!type) continue;
        this.#addresses.set(`${type}/${firstFrame}`, { url: stem.url, goodUntil });
        this.#sources.get(type)?.add({
          firstFrame,
          frames: Number(segment.frames),
          scaleBits: stem.scaleBits,
          address: () => this.#addressOf(type, firstFrame),
        });
      }
    }
    return answer;
  }

  async #addressOf(type: StemName, firstFrame: number): Promise<string> {
    const key = `${type}/${firstFrame}`;
    const known = this.#addresses.get(key);
    if (!known || known.goodUntil < Date.now()) await this.#list(firstFrame);
    const fresh = this.#addresses.get(key);
    if (!fresh) throw new Error('The separation has no such segment any more.');
    return fresh.url;
  }
}
