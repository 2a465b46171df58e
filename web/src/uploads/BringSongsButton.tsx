import { Plus } from 'lucide-react';
import { type ButtonSize, type ButtonVariant, Icon } from '@/design';
import { chooseFiles } from './chosen';
import { FileButton } from './FileButton';

interface BringSongsButtonProps {
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
  readonly label?: string;
}

/** Where songs come in for those who don't drop them. */
export function BringSongsButton({
  variant = 'primary',
  size = 'medium',
  label = 'Bring songs',
}: BringSongsButtonProps) {
  return (
    <FileButton multiple variant={variant} size={size} onFiles={(files) => void chooseFiles(files)}>
      <Icon of={Plus} />
      {label}
    </FileButton>
  );
}
