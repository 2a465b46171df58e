import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claims } from './claims';
import type { Memory } from './kept';
import { UploadQueue } from './queue';
import { lost, MemoryTransport, PatientNetwork, textHash } from './stores.testing';
import type { KeptUpload, Upload } from './upload';

const TEXT = '0123456789';
const file = (name = 'song.flac', text = TEXT) => new File([text], name);

class MapMemory implements Memory {
  readonly kept = new Map<string, KeptUpload>();
  all = () => [...this.kept.values()];
  put = ({ key, name, sizeBytes, trackId, sha256 }: KeptUpload) =>
    void this.kept.set(key, { key, name, sizeBytes, trackId, sha256 });
  drop = (key: string) => void this.kept.delete(key);
}

/** Several tabs that hold uploads among them. */
class MapClaims implements Claims {
  private readonly held = new Map<string, Promise<void>>();

  take(key: string) {
    const over = Promise.withResolvers<void>();
    const taken = this.free(key);
    this.held.set(key, over.promise);
    return { taken, release: over.resolve };
  }

  free = async (key: string) => this.held.get(key);
}

describe('UploadQueue', () => {
  let transport: MemoryTransport;
  let memory: MapMemory;
  let claims: MapClaims;
  let arrived: string[];
  const aQueue = () =>
    new UploadQueue({
      transport,
      memory,
      claims,
      hash: textHash,
      network: new PatientNetwork(),
      onArrived: ({ name }) => arrived.push(name),
    });
  const phases = (queue: UploadQueue) => queue.uploads.map(({ name, phase }) => [name, phase]);
  const only = (queue: UploadQueue): Upload => {
    const [upload] = queue.uploads;
    if (!upload || queue.uploads.length > 1) throw new Error(`${queue.uploads.length} uploads`);
    return upload;
  };

  /** Holds every piece back until it is let go. */
  const holdPieces = () => {
    const gate = Promise.withResolvers<void>();
    transport.before = async (what, signal) => {
      if (!what.startsWith('send')) return;
      const stopped = new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      await Promise.race([gate.promise, stopped]);
    };
    return gate.resolve;
  };

  beforeEach(() => {
    transport = new MemoryTransport();
    memory = new MapMemory();
    claims = new MapClaims();
    arrived = [];
  });

  it('brings files in, two at once, and remembers nothing of them in the end', async () => {
    const queue = aQueue();
    const go = holdPieces();
    queue.add([file('a.flac', 'aaaa'), file('b.flac', 'bbbb'), file('c.flac', 'cccc')]);
    await vi.waitFor(() => expect(transport.sent).toHaveLength(2));
    expect(phases(queue)).toEqual([
      ['a.flac', 'sending'],
      ['b.flac', 'sending'],
      ['c.flac', 'queued'],
    ]);
    expect(memory.kept.size).toBe(3);
    go();
    await vi.waitFor(() => expect(arrived).toEqual(['a.flac', 'b.flac', 'c.flac']));
    expect(queue.uploads).toEqual([]);
    expect(memory.kept.size).toBe(0);
    expect(queue.store.getState().arrived).toEqual(new Set(['track-1', 'track-2', 'track-3']));
  });

  it('stands still while paused, and goes on where it was', async () => {
    const queue = aQueue();
    const go = holdPieces();
    queue.add([file()]);
    await vi.waitFor(() => expect(transport.sent).toHaveLength(3));
    queue.pause(only(queue).key);
    expect(only(queue).phase).toBe('paused');
    go();
    queue.resume(only(queue).key);
    await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    expect(transport.tracks.size).toBe(1);
    expect(transport.content('track-1')).toBe(TEXT);
  });

  it('deletes what has arrived of an upload that is given up', async () => {
    const queue = aQueue();
    holdPieces();
    queue.add([file()]);
    await vi.waitFor(() => expect(transport.sent).toHaveLength(3));
    await queue.cancel(only(queue).key);
    expect(queue.uploads).toEqual([]);
    expect(transport.tracks.size).toBe(0);
    expect(memory.kept.size).toBe(0);
  });

  it('says why an upload failed, and tries again when asked to', async () => {
    const queue = aQueue();
    transport.before = (what) => {
      if (what === 'announce') throw new Error('boom');
    };
    queue.add([file()]);
    await vi.waitFor(() => expect(only(queue).phase).toBe('failed'));
    expect(only(queue).failure?.reason).toBe('UNKNOWN');
    transport.before = () => {};
    queue.resume(only(queue).key);
    await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
  });

  it('begins anew when its track is gone', async () => {
    const queue = aQueue();
    transport.before = (what) => {
      if (what === 'complete') transport.tracks.clear();
    };
    queue.add([file()]);
    await vi.waitFor(() => expect(only(queue).failure?.reason).toBe('TRACK_NOT_FOUND'));
    const before = only(queue).key;
    transport.before = () => {};
    queue.resume(before);
    await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    expect(memory.kept.size).toBe(0);
    expect([...transport.tracks.values()][0]?.said.key).not.toBe(before);
  });

  describe('after a reload', () => {
    const leftBehind = async (): Promise<UploadQueue> => {
      const left = aQueue();
      transport.before = async (what) => {
        if (what !== 'send 3') return;
        await vi.waitFor(() => expect(transport.content('track-1')).toBe('01234567'));
        left.leave();
      };
      left.add([file()]);
      await vi.waitFor(() => expect(left.uploads).toEqual([]));
      transport.before = () => {};
      transport.sent.length = 0;
      const queue = aQueue();
      queue.load();
      await vi.waitFor(() => expect(phases(queue)).toEqual([['song.flac', 'unfinished']]));
      return queue;
    };

    it('goes on with the same file and sends only what is missing', async () => {
      const queue = await leftBehind();
      queue.chooseFile(only(queue).key, file());
      await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
      expect(transport.sent).toEqual([3]);
      expect(transport.content('track-1')).toBe(TEXT);
    });

    it('refuses a file of another size at once', async () => {
      const queue = await leftBehind();
      queue.chooseFile(only(queue).key, file('song.flac', 'short'));
      expect(only(queue)).toMatchObject({ phase: 'unfinished', failure: { reason: 'OTHER_FILE' } });
    });

    it('refuses other bytes of the same size, and still takes the right ones', async () => {
      const queue = await leftBehind();
      queue.chooseFile(only(queue).key, file('song.flac', '9876543210'));
      await vi.waitFor(() =>
        expect(only(queue)).toMatchObject({ phase: 'unfinished', failure: { reason: 'OTHER_FILE' } }),
      );
      expect(transport.sent).toEqual([]);
      queue.chooseFile(only(queue).key, file());
      await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    });

    it('takes files up that are dropped once more, and leaves the others', async () => {
      const queue = await leftBehind();
      const other = file('other.flac');
      expect(queue.takeUp([other, file()])).toEqual([other]);
      await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    });

    it('does not list what another tab is sending, until that tab is closed', async () => {
      memory.put({ key: 'k', name: 'song.flac', sizeBytes: 10, trackId: undefined, sha256: undefined });
      const other = claims.take('k');
      const queue = aQueue();
      queue.load();
      await Promise.resolve();
      expect(queue.uploads).toEqual([]);
      other.release();
      await vi.waitFor(() => expect(phases(queue)).toEqual([['song.flac', 'unfinished']]));
    });

    it('drops what another tab has finished', async () => {
      const queue = await leftBehind();
      memory.kept.clear();
      queue.reconcile();
      expect(queue.uploads).toEqual([]);
    });
  });

  it('goes on with a track that was announced on another device', async () => {
    const signal = new AbortController().signal;
    await transport.announce({ key: 'elsewhere', name: 'song.flac', sizeBytes: 10, mimeType: '', sha256: '' }, signal);
    const queue = aQueue();
    queue.adopt({ trackId: 'track-1', name: 'song.flac', sizeBytes: 10 }, file());
    await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    expect(transport.tracks.size).toBe(1);
  });

  it('waits out a lost network', async () => {
    const queue = aQueue();
    let broken = 0;
    transport.before = (what) => {
      if (what.startsWith('send') && broken++ < 4) throw lost();
    };
    queue.add([file()]);
    await vi.waitFor(() => expect(arrived).toEqual(['song.flac']));
    expect(transport.content('track-1')).toBe(TEXT);
  });

  it('forgets a track that is deleted in the library meanwhile', async () => {
    const queue = aQueue();
    holdPieces();
    queue.add([file()]);
    await vi.waitFor(() => expect(only(queue).trackId).toBe('track-1'));
    queue.forget('track-1');
    expect(queue.uploads).toEqual([]);
    expect(memory.kept.size).toBe(0);
  });
});
