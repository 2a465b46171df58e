// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { createRouterTransport } from '@connectrpc/connect';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { CreateFusionRequestSchema, FusionsService } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { queryClient } from '@/api/queries';
import { FuseForm } from './FuseForm';

const asked: string[] = [];

// The service at the other end of the wire, within this process.
vi.mock('@/api/transport', () => ({
  transport: createRouterTransport(({ service }) => {
    service(FusionsService, {
      createFusion: ({ title }) => {
        asked.push(title);
        return { fusionId: 'made' };
      },
    });
  }),
}));

beforeEach(() => {
  asked.length = 0;
});

function form(obstacle?: string) {
  return (
    <QueryClientProvider client={queryClient}>
      <FuseForm request={create(CreateFusionRequestSchema, { title: 'Mine' })} songs={new Map()} obstacle={obstacle} />
    </QueryClientProvider>
  );
}

test('nothing is fused while something has to be settled, neither by mouse nor by keyboard, and the form says what', async () => {
  const { rerender } = render(form('“Bars”: Type a whole number between 1 and 2000.'));
  expect(screen.getByText('“Bars”: Type a whole number between 1 and 2000.')).toBeDefined();
  await userEvent.click(screen.getByRole('button', { name: 'Fuse' }));
  await userEvent.type(screen.getByLabelText('Title'), '{Enter}');
  rerender(form());
  expect(screen.queryByText(/Type a whole number/)).toBeNull();
  expect(asked).toEqual([]);

  await userEvent.click(screen.getByRole('button', { name: 'Fuse' }));
  await waitFor(() => expect(asked).toEqual(['Mine']));
});
