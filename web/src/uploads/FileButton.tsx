import { type ReactNode, useRef } from 'react';
import { Button, type ButtonSize, type ButtonVariant } from '@/design';
import { ACCEPTED } from './checks';

interface FileButtonProps {
  readonly onFiles: (files: File[]) => void;
  readonly multiple?: boolean;
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
  /** Its name for screen readers, where the words on it don't say enough. */
  readonly label?: string;
  readonly children: ReactNode;
}

/** A button that opens the system's own dialog for files. */
export function FileButton({ onFiles, multiple = false, variant, size, label, children }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        {...(variant && { variant })}
        {...(size && { size })}
        {...(label && { 'aria-label': label })}
        onClick={() => input.current?.click()}
      >
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        accept={ACCEPTED}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = ''; // so that the same file can be chosen once more
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
