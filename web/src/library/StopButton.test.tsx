// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Toasts } from '@/design';
import { StopButton } from './StopButton';

test('what was stopped goes on to its next step, and the button says that it will end', async () => {
  const onStop = vi.fn(async () => {});
  render(<StopButton what="Fusing Dawn" onStop={onStop} />);
  await userEvent.click(screen.getByRole('button', { name: 'Stop: Fusing Dawn' }));
  await userEvent.click(screen.getByRole('button', { name: 'Stopping: Fusing Dawn' }));
  expect(onStop).toHaveBeenCalledOnce();
});

test('what could not be stopped can be stopped again, and it is said why', async () => {
  const onStop = vi.fn(() => Promise.reject(new Error('no')));
  render(
    <>
      <StopButton what="Fusing Dawn" onStop={onStop} />
      <Toasts />
    </>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Stop: Fusing Dawn' }));
  await screen.findByRole('button', { name: 'Stop: Fusing Dawn' });
  expect(screen.getByRole('button', { name: 'Dismiss' })).toBeDefined();
});
