// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { analyses } from '@/api/clients';
import { type Analysis, AnalysisSchema } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { keys, queryClient } from '@/api/queries';
import { useCorrecting } from './correcting';

const HEARD = create(AnalysisSchema, { trackId: 'song', tempo: { bpm: 64, confidence: 0.6 } });
const SAID = create(AnalysisSchema, {
  trackId: 'song',
  tempo: { bpm: 128, confidence: 1 },
  corrections: { tempo: { tempo: { case: 'bpm', value: 128 } } },
});

const shownBpm = () => queryClient.getQueryData<Analysis>(keys.analysis('song'))?.tempo?.bpm;
const hook = () =>
  renderHook(() => useCorrecting('song'), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    ),
  }).result;

describe('useCorrecting', () => {
  beforeEach(() => {
    queryClient.clear();
    queryClient.setQueryData(keys.analysis('song'), HEARD);
  });

  it('shows what is said at once, and then what the server makes of it', async () => {
    let answer = (_told: Analysis) => {};
    vi.spyOn(analyses, 'updateAnalysis').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const correcting = hook();
    act(() => correcting.current.correct({ field: 'tempo', said: 128 }));
    await waitFor(() => expect(shownBpm()).toBe(128));
    answer(SAID);
    await waitFor(() => expect(queryClient.getQueryData(keys.analysis('song'))).toEqual(SAID));
    expect(correcting.current.failure).toBeUndefined();
  });

  it('is as before when it can not be said, and says why', async () => {
    vi.spyOn(analyses, 'updateAnalysis').mockRejectedValue(new ConnectError('no way', Code.Unavailable));
    const correcting = hook();
    act(() => correcting.current.correct({ field: 'tempo', said: 128 }));
    await waitFor(() => expect(correcting.current.failure?.field).toBe('tempo'));
    expect(shownBpm()).toBe(64);
  });
});
