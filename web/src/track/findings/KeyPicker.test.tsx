// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Mode } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { KeyPicker } from './KeyPicker';

function shown() {
  const onPick = vi.fn();
  render(<KeyPicker open onOpenChange={() => {}} current={{ tonic: 0, mode: Mode.MAJOR }} onPick={onPick} />);
  return onPick;
}

const checked = () => screen.getAllByRole<HTMLInputElement>('radio').filter((radio) => radio.checked);

describe('KeyPicker', () => {
  it('has every key once and begins with the one that is told', () => {
    shown();
    expect(screen.getAllByRole('radio')).toHaveLength(24);
    expect(checked().map((radio) => radio.getAttribute('aria-label'))).toEqual(['C major, Camelot 8B']);
  });

  it('goes round by fifths, and between relatives', () => {
    const onPick = shown();
    const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
    screen.getByRole('radio', { name: /^C major/ }).focus();
    press('ArrowLeft');
    expect(checked()[0]).toBe(screen.getByRole('radio', { name: 'F major, Camelot 7B' }));
    press('ArrowDown');
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'D minor, Camelot 7A' }));
    press('ArrowRight');
    press('ArrowUp');
    expect(checked()[0]?.getAttribute('aria-label')).toBe('C major, Camelot 8B');
    fireEvent.click(screen.getByRole('radio', { name: /^F# minor/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Use F# minor' }));
    expect(onPick).toHaveBeenCalledWith({ tonic: 6, mode: Mode.MINOR });
  });
});
