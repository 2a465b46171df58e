import { type Failure, failureOf } from '@/api/failures';

/** A failure that is seen on this side: by reading the file, or in an answer of the object store. */
export class UploadError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'UploadError';
  }
}

/** What went wrong with an upload, whoever says so. */
export function uploadFailureOf(error: unknown): Failure {
  return error instanceof UploadError ? error.failure : failureOf(error);
}

const failure = (reason: string, message: string, retryable = false): Failure => ({
  reason,
  message,
  retryable,
  metadata: {},
});

export const UNREADABLE = failure(
  'FILE_UNREADABLE',
  'The file can’t be read any more: it was moved, changed or deleted. Choose it again to go on.',
);

export const OTHER_SIZE = failure(
  'OTHER_FILE',
  'This is another file: its size is different. Choose the file that was begun, or cancel this upload and bring the new file.',
);

export const OTHER_BYTES = failure(
  'OTHER_FILE',
  'This is another file: it has the same size but other contents. Choose the file that was begun, or cancel this upload and bring the new file.',
);

export const INTERRUPTED = failure('OFFLINE', 'The connection broke off. The upload goes on when it is back.', true);

/** The store did not take bytes this time; with fresh addresses it may. */
export function interrupted(status: number): UploadError {
  return new UploadError({
    reason: 'UPLOAD_INTERRUPTED',
    message: 'The upload was interrupted on our side. Try again; what has arrived is kept.',
    retryable: true,
    metadata: { status: String(status) },
  });
}

/** The store refuses the bytes, and will again. */
export function refused(status: number): UploadError {
  return new UploadError({
    reason: 'UPLOAD_REFUSED',
    message: 'The file was not accepted as it was sent. Cancel this upload and bring the file again.',
    retryable: false,
    metadata: { status: String(status) },
  });
}
