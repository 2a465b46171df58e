// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { NumberField } from './NumberField';
import { useWrongFields, wrongWords } from './wrong_fields';

const wrong = () => wrongWords(useWrongFields.getState());

test('what is no number in the range counts for nothing, and is told to the page until it is mended', async () => {
  const onChange = vi.fn();
  render(<NumberField label="Bars" value={32} low={1} high={2000} whole unit="bars" onChange={onChange} />);
  expect(wrong()).toBeUndefined();
  const field = screen.getByLabelText('Bars');
  await userEvent.clear(field);
  await userEvent.type(field, '0');
  expect(onChange).not.toHaveBeenCalled();
  expect(screen.getByRole('alert').textContent).toBe('Type a whole number between 1 and 2000.');
  expect(wrong()).toBe('“Bars”: Type a whole number between 1 and 2000.');
  await userEvent.clear(field);
  await userEvent.type(field, '64');
  expect(onChange).toHaveBeenLastCalledWith(64);
  expect(wrong()).toBeUndefined();
});

test('a wrong field that goes away stands in nobody’s way', async () => {
  const { unmount } = render(<NumberField label="Bars" value={0} low={1} high={9} unit="bars" onChange={() => {}} />);
  expect(wrong()).toContain('between 1 and 9');
  unmount();
  expect(wrong()).toBeUndefined();
});
