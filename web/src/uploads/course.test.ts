import { Code, ConnectError } from '@connectrpc/connect';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '@/api/failures';
import { ErrorInfoSchema } from '@/api/gen/google/rpc/error_details_pb';
import { runUpload, type UploadReports, type UploadTask } from './course';
import { lost, MemoryTransport, PatientNetwork, textHash } from './stores.testing';
import { UploadError } from './upload_error';

const TEXT = '0123456789';
const file = (text = TEXT) => new File([text], 'song.flac');
const task = (more: Partial<UploadTask> = {}): UploadTask => ({
  key: 'k',
  name: 'song.flac',
  file: file(),
  fresh: false,
  ...more,
});

function refusal(code: Code, reason: string): ConnectError {
  const error = new ConnectError('No.', code);
  error.details.push({ desc: ErrorInfoSchema, value: { reason, domain: 'puremusic' } });
  return error;
}

describe('runUpload', () => {
  let transport: MemoryTransport;
  let network: PatientNetwork;
  let heard: string[];
  let waited: Failure[];
  let reports: UploadReports;
  const run = (it: UploadTask, signal = new AbortController().signal) =>
    runUpload(it, { transport, network, hash: textHash }, reports, signal);

  beforeEach(() => {
    transport = new MemoryTransport();
    network = new PatientNetwork();
    heard = [];
    waited = [];
    reports = {
      reading: () => heard.push('reading'),
      hashed: (sha256) => heard.push(sha256),
      announced: (trackId) => heard.push(trackId),
      there: () => {},
      waiting: (failure) => waited.push(failure),
      completing: () => heard.push('completing'),
    };
  });

  it('reads, announces, sends and completes', async () => {
    await run(task());
    expect(heard).toEqual(['reading', `hash of ${TEXT}`, 'track-1', 'completing']);
    expect(transport.tracks.get('track-1')).toMatchObject({
      complete: true,
      said: { sha256: `hash of ${TEXT}`, sizeBytes: 10, key: 'k' },
    });
    expect(transport.content('track-1')).toBe(TEXT);
  });

  it('goes on where it was after the connection broke, with fresh addresses and nothing sent twice', async () => {
    let broken = 0;
    transport.before = (what) => {
      if (what === 'send 2' && broken++ === 0) throw lost();
    };
    await run(task());
    expect(waited.map((failure) => failure.reason)).toEqual(['OFFLINE']);
    expect(transport.sent.filter((number) => number === 1)).toHaveLength(1);
    expect(transport.content('track-1')).toBe(TEXT);
  });

  it('waits for the network for as long as it takes', async () => {
    let tries = 0;
    transport.before = (what) => {
      if (what === 'announce' && ++tries <= 50) throw lost();
    };
    await run(task());
    expect(network.waits).toBe(50);
    expect(transport.tracks.size).toBe(1);
  });

  it('gives up on a store that refuses again and again', async () => {
    transport.before = (what) => {
      if (what.startsWith('send'))
        throw new UploadError({ reason: 'UPLOAD_INTERRUPTED', message: 'x', retryable: true, metadata: {} });
    };
    await expect(run(task())).rejects.toMatchObject({ failure: { reason: 'UPLOAD_INTERRUPTED' } });
    expect(network.waits).toBeGreaterThan(3);
    expect(network.waits).toBeLessThan(10);
  });

  it('does not try again what will not change', async () => {
    transport.before = (what) => {
      if (what === 'announce') throw refusal(Code.ResourceExhausted, 'TRACK_QUOTA');
    };
    await expect(run(task())).rejects.toMatchObject({ failure: { reason: 'TRACK_QUOTA' } });
    expect(network.waits).toBe(0);
  });

  it('asks again what is missing when the API says that not all is there', async () => {
    let asked = 0;
    transport.before = (what) => {
      if (what === 'complete' && asked++ === 0) {
        transport.tracks.get('track-1')?.parts.delete(2);
        throw refusal(Code.FailedPrecondition, 'UPLOAD_INCOMPLETE');
      }
    };
    await run(task());
    expect(transport.sent.toSorted()).toEqual([1, 2, 2, 3]);
  });

  it('takes up an upload from before a reload: only what is missing is sent', async () => {
    const begun = new AbortController();
    transport.before = async (what) => {
      if (what !== 'send 3') return;
      await vi.waitFor(() => expect(transport.content('track-1')).toBe('01234567'));
      begun.abort();
    };
    await expect(run(task(), begun.signal)).rejects.toThrow();
    transport.before = () => {};
    transport.sent.length = 0;
    await run(task({ fresh: true, trackId: 'track-1', sha256: `hash of ${TEXT}` }));
    expect(transport.sent).toEqual([3]);
    expect(transport.tracks.get('track-1')?.complete).toBe(true);
  });

  it('refuses another file of the same size before anything is sent', async () => {
    const other = task({ file: file('9876543210'), fresh: true, trackId: 'track-1', sha256: `hash of ${TEXT}` });
    await expect(run(other)).rejects.toMatchObject({ failure: { reason: 'OTHER_FILE' } });
    expect(transport.sent).toEqual([]);
  });

  it('says so when the file itself went away', async () => {
    const gone = file();
    transport.before = (what) => {
      if (what !== 'send 1') return;
      const unreadable = { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) };
      gone.slice = () => Object.assign(new Blob(), unreadable);
      throw lost();
    };
    await expect(run(task({ file: gone }))).rejects.toMatchObject({ failure: { reason: 'FILE_UNREADABLE' } });
  });

  it('does not read a file for a track that was announced elsewhere', async () => {
    await transport.announce(
      { key: 'elsewhere', name: 'n', sizeBytes: 10, mimeType: '', sha256: '' },
      new AbortController().signal,
    );
    await run(task({ fresh: true, trackId: 'track-1' }));
    expect(heard).toEqual(['track-1', 'completing']);
  });
});
