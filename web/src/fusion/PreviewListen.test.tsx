// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { createRouterTransport } from '@connectrpc/connect';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  type CreateFusionRequest,
  type Fusion,
  FusionSchema,
  FusionStatus,
  FusionsService,
} from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { queryClient } from '@/api/queries';
import type { Voice } from '@/mixer/mix';
import { USUAL } from './choices';
import { useFuse } from './fuse_state';
import { PreviewListen } from './PreviewListen';

const asked: CreateFusionRequest[] = [];
const made: Fusion[] = [];

// The service at the other end of the wire, within this process.
vi.mock('@/api/transport', () => ({
  transport: createRouterTransport(({ service }) => {
    service(FusionsService, {
      createFusion: (request) => {
        asked.push(request);
        return made[asked.length - 1] ?? {};
      },
      getFusion: ({ fusionId }) => made.find((each) => each.fusionId === fusionId) ?? {},
      getDownloadUrl: ({ fusionId }) => ({ url: `http://music.test/${fusionId}` }),
    });
  }),
}));

const VOICE: Voice = { key: 'a/bass', trackId: 'a', type: 'bass', gainDb: 0, pan: 0, mute: false, solo: false };
const FAILED = create(FusionSchema, {
  fusionId: 'failed',
  status: FusionStatus.FAILED,
  work: { failure: { reason: 'STEM_GONE', message: 'A chosen stem was deleted. Choose another and fuse again.' } },
});
const DONE = create(FusionSchema, { fusionId: 'done', status: FusionStatus.COMPLETED, preview: { startSeconds: 30 } });

beforeEach(() => {
  asked.length = 0;
  made.length = 0;
  queryClient.clear();
  useFuse.setState(useFuse.getInitialState());
  // jsdom has no sound.
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
});

function show(previewStart = 30, seconds = 200) {
  const choices = { ...USUAL, previewStart };
  return render(
    <QueryClientProvider client={queryClient}>
      <PreviewListen voices={[VOICE]} choices={choices} rank={1} seconds={seconds} songs={new Map()} blocked={false} />
    </QueryClientProvider>,
  );
}

test('a preview that failed says why, and is made anew when it is asked for again', async () => {
  made.push(FAILED, DONE);
  show();
  await userEvent.click(screen.getByRole('button', { name: 'Listen to a preview' }));
  expect((await screen.findByRole('alert')).textContent).toContain('A chosen stem was deleted.');

  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('button', { name: 'Play the preview' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  await waitFor(() => expect(HTMLMediaElement.prototype.play).toHaveBeenCalledOnce());
  expect(asked[0]?.idempotencyKey).not.toBe(asked[1]?.idempotencyKey);
});

test('it never begins later than the song has sound for it', async () => {
  made.push(DONE);
  show(500, 60);
  await userEvent.click(screen.getByRole('button', { name: 'Listen to a preview' }));
  await screen.findByRole('button', { name: 'Play the preview' });
  expect(asked[0]?.preview).toMatchObject({ startSeconds: 45, durationSeconds: 15 });
});

test('a preview that is there is found again after a reload, and stays silent until somebody wants to hear it', async () => {
  made.push(DONE);
  const { unmount } = show();
  await userEvent.click(screen.getByRole('button', { name: 'Listen to a preview' }));
  await screen.findByRole('button', { name: 'Play the preview' });
  await waitFor(() => expect(HTMLMediaElement.prototype.play).toHaveBeenCalledOnce());
  unmount();
  queryClient.clear();
  show();
  expect(await screen.findByRole('button', { name: 'Play the preview' })).toBeTruthy();
  await waitFor(() => expect(document.querySelector('audio')?.getAttribute('src')).toBe('http://music.test/done'));
  expect(HTMLMediaElement.prototype.play).toHaveBeenCalledOnce();
  expect(asked).toHaveLength(1);
});

test('a preview whose asking was cut off by a reload is asked for again, as the same one', async () => {
  made.push(DONE, DONE);
  const { unmount } = show();
  await userEvent.click(screen.getByRole('button', { name: 'Listen to a preview' }));
  await screen.findByRole('button', { name: 'Play the preview' });
  unmount();
  queryClient.clear();
  useFuse.setState(({ preview }) => ({ preview: preview && { fingerprint: preview.fingerprint, key: preview.key } }));
  show();
  expect(await screen.findByRole('button', { name: 'Play the preview' })).toBeTruthy();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.idempotencyKey).toBe(asked[0]?.idempotencyKey);
});
