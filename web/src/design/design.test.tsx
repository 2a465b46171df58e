// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import {
  Button,
  Checkbox,
  ConfirmDialog,
  Dialog,
  EditableTitle,
  Field,
  Menu,
  Progress,
  Select,
  Slider,
  showToast,
  TextInput,
  Toasts,
} from '.';

test('a busy button keeps the focus and does nothing', async () => {
  const onClick = vi.fn();
  const onSubmit = vi.fn((event: React.FormEvent) => event.preventDefault());
  render(
    <form onSubmit={onSubmit}>
      <Button type="submit" busy onClick={onClick}>
        Send
      </Button>
    </form>,
  );
  const button = screen.getByRole('button', { name: 'Send' });
  button.focus();
  await userEvent.click(button);
  await userEvent.keyboard('{Enter}');
  expect(onClick).not.toHaveBeenCalled();
  expect(onSubmit).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute('aria-busy')).toBe('true');
});

test('a field ties label, hint and error to its control', () => {
  render(
    <Field label="Title" hint="At most 200 characters." error="Too long.">
      <TextInput />
    </Field>,
  );
  const input = screen.getByLabelText('Title');
  const described = input.getAttribute('aria-describedby')?.split(' ') ?? [];
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
    'At most 200 characters.',
    'Too long.',
  ]);
  expect(input.getAttribute('aria-invalid')).toBe('true');
});

test('a select gives the chosen value', async () => {
  const onChange = vi.fn();
  const options = [
    { value: 'wav', label: 'WAV' },
    { value: 'mp3', label: 'MP3' },
  ] as const;
  render(<Select aria-label="Format" value="wav" options={options} onChange={onChange} />);
  await userEvent.selectOptions(screen.getByLabelText('Format'), 'MP3');
  expect(onChange).toHaveBeenCalledExactlyOnceWith('mp3');
});

function Gain() {
  const [gain, setGain] = useState(0);
  return (
    <Slider label="Gain" value={gain} min={-60} max={12} step={1} onChange={setGain} format={(db) => `${db} dB`} />
  );
}

test('a slider is moved by keys and says its value in words', async () => {
  render(<Gain />);
  const slider = screen.getByRole('slider', { name: 'Gain' });
  slider.focus();
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
  expect(slider.getAttribute('aria-valuetext')).toBe('-2 dB');
  await userEvent.keyboard('{End}');
  expect(slider.getAttribute('aria-valuetext')).toBe('12 dB');
});

test('a checkbox is named by its label and says what is wrong', async () => {
  const onChange = vi.fn();
  render(<Checkbox label="I accept" checked={false} onChange={onChange} error="Please accept." />);
  const box = screen.getByRole('checkbox', { name: 'I accept' });
  expect(document.getElementById(box.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Please accept.');
  await userEvent.click(screen.getByText('I accept'));
  expect(onChange).toHaveBeenCalledExactlyOnceWith(true);
});

test.each([
  [0.5, '50'],
  [7, '100'],
  [undefined, null],
])('progress of %s is told as %s percent', (value, told) => {
  render(<Progress label="Uploading" value={value} />);
  expect(screen.getByRole('progressbar', { name: 'Uploading' }).getAttribute('aria-valuenow')).toBe(told);
});

test('a dialog keeps the page still, has its name, and goes with Escape', async () => {
  const onOpenChange = vi.fn();
  render(
    <Dialog open onOpenChange={onOpenChange} title="Rename" description="Give it another name.">
      <TextInput aria-label="Title" />
    </Dialog>,
  );
  const dialog = screen.getByRole('dialog', { name: 'Rename' });
  expect(dialog.getAttribute('aria-describedby')).not.toBeNull();
  expect(document.querySelector('[data-veil]')).not.toBeNull();
  expect(document.documentElement.style.overflow).toBe('hidden');
  // A style element would be refused by the Content-Security-Policy.
  expect(document.querySelector('style')).toBeNull();
  await userEvent.keyboard('{Escape}');
  expect(onOpenChange).toHaveBeenCalledExactlyOnceWith(false);
});

test('the page moves again when the last of several dialogs is closed', () => {
  const { style } = document.documentElement;
  const two = (inner: boolean) => (
    <Dialog open title="Outer">
      <Dialog open={inner} title="Inner">
        Really?
      </Dialog>
    </Dialog>
  );
  const { rerender, unmount } = render(two(true));
  rerender(two(false));
  expect(style.overflow).toBe('hidden');
  unmount();
  expect(style.overflow).toBe('');
  expect(style.paddingRight).toBe('');
});

test('a dialog that needs an answer stays', async () => {
  const onOpenChange = vi.fn();
  render(
    <Dialog open onOpenChange={onOpenChange} dismissible={false} title="Sign in">
      <TextInput aria-label="Password" />
    </Dialog>,
  );
  await userEvent.keyboard('{Escape}');
  expect(onOpenChange).not.toHaveBeenCalled();
  expect(screen.queryByRole('button', { name: 'Close' })).toBeNull();
});

test('a confirmation begins on the way out', () => {
  render(
    <ConfirmDialog open onOpenChange={() => {}} title="Delete it?" confirm="Delete" onConfirm={() => {}}>
      It can’t be undone.
    </ConfirmDialog>,
  );
  expect(screen.getByRole('alertdialog', { name: 'Delete it?' })).toBeDefined();
  expect(document.activeElement?.textContent).toBe('Keep it as it is');
});

test('a toast appears and can be dismissed', async () => {
  render(<Toasts />);
  showToast({ text: 'Saved.' });
  await screen.findAllByText('Saved.');
  // The list of toasts takes no clicks until it has counted them.
  await vi.waitFor(() => userEvent.click(screen.getByRole('button', { name: 'Dismiss' })));
  expect(screen.queryByRole('button', { name: 'Dismiss' })).toBeNull();
});

test('a title is changed where it stands, says why not, and gives the focus back', async () => {
  const onSave = vi.fn(async (title: string) => {
    if (!title) throw new Error('refused');
  });
  const titled = (error?: string) => (
    <EditableTitle title="Old" label="Rename Old" longest={200} busy={false} error={error} onSave={onSave} row="Old" />
  );
  const { rerender } = render(titled());
  await userEvent.click(screen.getByRole('button', { name: 'Rename Old' }));
  const field = screen.getByRole('textbox', { name: 'New title of Old' });
  expect(document.activeElement).toBe(field);
  await userEvent.clear(field);
  await userEvent.type(field, '  {Enter}');
  rerender(titled('A title needs at least one visible character.'));
  expect(screen.getByRole('alert').textContent).toBe('A title needs at least one visible character.');
  await userEvent.keyboard('{Escape}');
  const button = screen.getByRole('button', { name: 'Rename Old' });
  expect(document.activeElement).toBe(button);

  // Begun again, it does not begin with what was wrong before; as it was it needs no saving.
  await userEvent.click(button);
  expect(screen.queryByRole('alert')).toBeNull();
  await userEvent.keyboard('{Enter}');
  expect(onSave).toHaveBeenCalledExactlyOnceWith('');
  await userEvent.click(screen.getByRole('button', { name: 'Rename Old' }));
  await userEvent.clear(screen.getByRole('textbox'));
  await userEvent.keyboard(' New {Enter}');
  expect(onSave).toHaveBeenLastCalledWith('New');
  await screen.findByRole('button', { name: 'Rename Old' });
});

function Deletable() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu trigger={<Button>More</Button>} items={[{ label: 'Delete', onSelect: () => setAsking(true) }]} />
      {asking && (
        <ConfirmDialog open onOpenChange={setAsking} title="Delete it?" confirm="Delete" onConfirm={() => {}}>
          It can’t be undone.
        </ConfirmDialog>
      )}
    </>
  );
}

test('a dialog that a menu opened gives the focus back to the menu’s button', async () => {
  render(<Deletable />);
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Delete' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Keep it as it is' }));
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('More'));
});
