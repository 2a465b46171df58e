import { createStore } from 'zustand/vanilla';
import type { Claims } from './claims';
import { runUpload, type UploadReports, type UploadWorld } from './course';
import type { Memory } from './kept';
import { Pace } from './pace';
import { anUpload, isMoving, type KeptUpload, type Upload } from './upload';
import { OTHER_SIZE, uploadFailureOf } from './upload_error';

const AT_ONCE = 2;
const SHOWN_EVERY_MS = 100;

/** Whom the queue works with, and whom it tells. */
export interface QueueWorld extends UploadWorld {
  readonly memory: Memory;
  readonly claims: Claims;
  readonly onArrived?: (upload: Upload) => void;
  readonly onFailed?: (upload: Upload) => void;
  readonly onRemoved?: (upload: Upload) => void;
}

interface Shown {
  readonly uploads: readonly Upload[];
  /** Tracks that were sent from here in this page's life; what the library knows of them may be a moment older. */
  readonly arrived: ReadonlySet<string>;
}

interface InHand {
  readonly file: File;
  /** Chosen again for an upload that was begun with a file of which the hash is known. */
  readonly fresh: boolean;
  readonly taken: Promise<void>;
  readonly release: () => void;
}

/** The uploads of this tab, and those that nobody has in hand: two go at once, in the order in which they came. */
export class UploadQueue {
  readonly store = createStore<Shown>(() => ({ uploads: [], arrived: new Set() }));
  private readonly inHand = new Map<string, InHand>();
  private readonly running = new Map<string, AbortController>();

  constructor(private readonly world: QueueWorld) {}

  /** Lists what was under way when the page was left, as soon as no other tab has it in hand. */
  load(): void {
    for (const { key } of this.world.memory.all()) {
      if (this.find(key)) continue;
      void this.world.claims.free(key).then(() => {
        const kept = this.world.memory.all().find((each) => each.key === key);
        if (kept && !this.find(key)) this.show([...this.uploads, anUpload(kept, 'unfinished')]);
      });
    }
  }

  /** Leaves everything as it is and forgets it: somebody else is here now. */
  leave(): void {
    for (const stop of this.running.values()) stop.abort();
    for (const { release } of this.inHand.values()) release();
    this.inHand.clear();
    this.store.setState({ uploads: [], arrived: new Set() });
  }

  /** Drops from the list what another tab has finished. */
  reconcile(): void {
    const kept = new Set(this.world.memory.all().map((each) => each.key));
    this.show(this.uploads.filter((each) => each.phase !== 'unfinished' || kept.has(each.key)));
    this.load();
  }

  /** Brings files that were checked and whose rights were confirmed. */
  add(files: readonly File[]): void {
    for (const file of files) {
      const kept = {
        key: crypto.randomUUID(),
        name: file.name,
        sizeBytes: file.size,
        trackId: undefined,
        sha256: undefined,
      };
      this.begin(kept, file, false);
    }
    this.pump();
  }

  /** Goes on with a track that was announced elsewhere, on another device for one. */
  adopt(track: { readonly trackId: string; readonly name: string; readonly sizeBytes: number }, file: File): void {
    const kept = { key: crypto.randomUUID(), ...track, sha256: undefined };
    const known = this.uploads.find((each) => each.trackId === track.trackId);
    if (!known) this.show([...this.uploads, anUpload(kept, 'unfinished')]);
    this.chooseFile(known?.key ?? kept.key, file);
  }

  /** Gives unfinished uploads their files where name and size match, and returns the files that match none. */
  takeUp(files: readonly File[]): File[] {
    return files.filter((file) => {
      const matching = this.uploads.find(
        (each) => each.phase === 'unfinished' && each.name === file.name && each.sizeBytes === file.size,
      );
      if (matching) this.chooseFile(matching.key, file);
      return !matching;
    });
  }

  /** Goes on with an unfinished upload. A file of another size is refused at once, one with other bytes once it was read. */
  chooseFile(key: string, file: File): void {
    const upload = this.find(key);
    if (upload?.phase !== 'unfinished') return;
    if (file.size !== upload.sizeBytes) {
      this.change(key, { failure: OTHER_SIZE });
      return;
    }
    this.begin(upload, file, true);
    this.pump();
  }

  pause(key: string): void {
    const upload = this.find(key);
    if (!upload || !isMoving(upload)) return;
    this.change(key, { phase: 'paused', secondsLeft: undefined, failure: undefined });
    this.running.get(key)?.abort();
  }

  /** Goes on after a pause, or tries again after a failure. */
  resume(key: string): void {
    const upload = this.find(key);
    if (upload?.phase !== 'paused' && upload?.phase !== 'failed') return;
    const gone = upload.failure?.reason === 'TRACK_NOT_FOUND';
    this.change(key, { phase: 'queued', failure: undefined, ...(gone && { trackId: undefined, there: 0 }) });
    if (gone) this.renew(key);
    this.pump();
  }

  /** Gives an upload up and deletes what has arrived of it. */
  async cancel(key: string): Promise<void> {
    const upload = this.find(key);
    if (!upload) return;
    this.remove(key);
    try {
      if (upload.trackId) await this.world.transport.remove(upload.trackId);
    } finally {
      this.world.onRemoved?.(upload);
    }
  }

  /** Gives up what is being sent of a track that was deleted. */
  forget(trackId: string): void {
    const upload = this.uploads.find((each) => each.trackId === trackId);
    if (upload) this.remove(upload.key);
  }

  get uploads(): readonly Upload[] {
    return this.store.getState().uploads;
  }

  private begin(kept: KeptUpload, file: File, fresh: boolean): void {
    this.inHand.set(kept.key, { file, fresh, ...this.world.claims.take(kept.key) });
    this.world.memory.put(kept);
    const upload = anUpload(kept, 'queued');
    if (this.find(kept.key)) this.change(kept.key, upload);
    else this.show([...this.uploads, upload]);
  }

  private pump(): void {
    for (const upload of this.uploads) {
      if (this.running.size >= AT_ONCE) return;
      if (upload.phase === 'queued' && !this.running.has(upload.key)) void this.run(upload);
    }
  }

  private async run({ key, name, sha256, trackId }: Upload): Promise<void> {
    const held = this.inHand.get(key);
    if (!held) return;
    const stop = new AbortController();
    this.running.set(key, stop);
    try {
      await held.taken;
      const task = {
        key,
        name,
        file: held.file,
        fresh: held.fresh,
        ...(sha256 && { sha256 }),
        ...(trackId && { trackId }),
      };
      await runUpload(task, this.world, this.reports(key, stop.signal), stop.signal);
      this.finish(key);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(key, error);
    } finally {
      this.running.delete(key);
      this.pump();
    }
  }

  private reports(key: string, signal: AbortSignal): UploadReports {
    const pace = new Pace();
    let shownAt = 0;
    const change = (patch: Partial<Upload>) => {
      if (!signal.aborted) this.change(key, patch);
    };
    const inPassing = (patch: Partial<Upload>) => {
      const now = performance.now();
      if (now - shownAt < SHOWN_EVERY_MS) return;
      shownAt = now;
      change(patch);
    };
    const keep = (patch: Partial<Upload>) => {
      change(patch);
      const upload = this.find(key);
      if (upload && !signal.aborted) this.world.memory.put(upload);
    };
    return {
      reading: (read) => inPassing({ phase: 'reading', read, failure: undefined }),
      hashed: (sha256) => {
        const held = this.inHand.get(key);
        if (held) this.inHand.set(key, { ...held, fresh: false });
        keep({ sha256 });
      },
      announced: (trackId) => keep({ phase: 'sending', trackId, failure: undefined }),
      there: (bytes) => {
        const secondsLeft = pace.secondsLeft(bytes, this.find(key)?.sizeBytes ?? 0, performance.now());
        inPassing({ phase: 'sending', there: bytes, secondsLeft, failure: undefined });
      },
      waiting: (failure) => change({ phase: 'waiting', failure, secondsLeft: undefined }),
      completing: () => change({ phase: 'completing', there: this.find(key)?.sizeBytes ?? 0, secondsLeft: undefined }),
    };
  }

  private finish(key: string): void {
    const upload = this.find(key);
    if (!upload) return;
    this.remove(key);
    const { arrived } = this.store.getState();
    this.store.setState({ arrived: new Set(arrived).add(upload.trackId ?? '') });
    this.world.onArrived?.(upload);
  }

  private fail(key: string, error: unknown): void {
    const failure = uploadFailureOf(error);
    const needsFile = failure.reason === 'OTHER_FILE' || failure.reason === 'FILE_UNREADABLE';
    if (needsFile) this.letGo(key);
    this.change(key, { phase: needsFile ? 'unfinished' : 'failed', failure, secondsLeft: undefined });
    const upload = this.find(key);
    if (upload) this.world.onFailed?.(upload);
  }

  /** An upload whose track is gone begins anew: under the old key the API would look for the old track. */
  private renew(key: string): void {
    const upload = this.find(key);
    const held = this.inHand.get(key);
    if (!upload || !held) return;
    this.remove(key);
    this.begin({ ...upload, key: crypto.randomUUID(), trackId: undefined }, held.file, held.fresh);
  }

  private remove(key: string): void {
    this.running.get(key)?.abort();
    this.letGo(key);
    this.world.memory.drop(key);
    this.show(this.uploads.filter((each) => each.key !== key));
  }

  private letGo(key: string): void {
    this.inHand.get(key)?.release();
    this.inHand.delete(key);
  }

  private find(key: string): Upload | undefined {
    return this.uploads.find((each) => each.key === key);
  }

  private change(key: string, patch: Partial<Upload>): void {
    this.show(this.uploads.map((each) => (each.key === key ? { ...each, ...patch } : each)));
  }

  private show(uploads: readonly Upload[]): void {
    this.store.setState({ uploads });
  }
}
