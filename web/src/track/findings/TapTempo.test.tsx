// @vitest-environment jsdom
import { act, fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Player } from '@/listening';
import { TapTempo } from './TapTempo';

/** Taps with a key every so many milliseconds, at times of the event itself. */
function tapEvery(milliseconds: number, count: number): void {
  const button = screen.getByRole('button', { name: 'Tap here' });
  for (let i = 0; i < count; i++) {
    const press = new KeyboardEvent('keydown', { key: 't', bubbles: true, cancelable: true });
    Object.defineProperty(press, 'timeStamp', { value: 1_000 + i * milliseconds });
    act(() => void button.dispatchEvent(press));
  }
}

function shown(heardBpm?: number) {
  const onSay = vi.fn();
  const player = new Player();
  render(<TapTempo heardBpm={heardBpm} player={player} onSay={onSay} onClose={() => {}} />);
  return { onSay, player };
}

describe('TapTempo', () => {
  it('says what is tapped once there are enough taps, and begins again', () => {
    const { onSay } = shown();
    expect(screen.getByRole('button', { name: 'Tap here' })).toBe(document.activeElement);
    tapEvery(500, 3);
    expect(screen.getByRole('status').textContent).toBe('1 more tap');
    tapEvery(500, 8);
    expect(screen.getByRole('status').textContent).toContain('120 BPM');
    fireEvent.click(screen.getByRole('button', { name: 'Use 120 BPM' }));
    expect(onSay).toHaveBeenCalledWith(120);
    fireEvent.click(screen.getByRole('button', { name: 'Begin again' }));
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('takes what was heard, twice as fast, for what is tapped beside it', () => {
    const { onSay } = shown(61);
    tapEvery(500, 9);
    fireEvent.click(screen.getByRole('button', { name: 'Use 122 BPM' }));
    expect(onSay).toHaveBeenCalledWith(122);
  });

  it('knows that a song played at half speed is twice as fast', () => {
    const { player } = shown();
    act(() => player.setSpeed(0.5));
    tapEvery(1_000, 6);
    expect(screen.getByRole('button', { name: 'Use 120 BPM' })).toBeTruthy();
  });
});
