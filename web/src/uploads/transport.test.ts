// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { UploadSchema } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { piecesOf } from './transport';
import { UploadError } from './upload_error';

const MIB = 1024 * 1024;

const parts = (numbers: readonly number[], lastBytes: number) =>
  create(UploadSchema, {
    method: {
      case: 'parts',
      value: {
        partSize: BigInt(8 * MIB),
        partCount: 3,
        missing: numbers.map((number) => ({
          number,
          url: `/part/${number}`,
          sizeBytes: BigInt(number === 3 ? lastBytes : 8 * MIB),
        })),
      },
    },
  });

describe('piecesOf', () => {
  it('is the whole file for a form', () => {
    const upload = create(UploadSchema, { method: { case: 'post', value: { url: '/store', fields: { key: 'k' } } } });
    expect(piecesOf(upload, 99)).toEqual([{ number: 1, start: 0, sizeBytes: 99, url: '/store', fields: { key: 'k' } }]);
  });

  it('is each part that is missing, where it begins', () => {
    expect(piecesOf(parts([2, 3], 5), 16 * MIB + 5)).toEqual([
      { number: 2, start: 8 * MIB, sizeBytes: 8 * MIB, url: '/part/2' },
      { number: 3, start: 16 * MIB, sizeBytes: 5, url: '/part/3' },
    ]);
  });

  it('refuses parts beyond the end of the file', () => {
    expect(() => piecesOf(parts([3], 5), 16 * MIB)).toThrow(UploadError);
  });
});
