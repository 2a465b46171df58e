export { adoptStyles } from './adopted_styles';
export { Badge, type Tone } from './Badge';
export {
  Button,
  type ButtonProps,
  type ButtonSize,
  type ButtonVariant,
  buttonLooks,
  LinkButton,
  type LinkButtonProps,
} from './Button';
export { Card } from './Card';
export { Checkbox } from './Checkbox';
export { ConfirmDialog } from './ConfirmDialog';
export { cx } from './cx';
export { Dialog } from './Dialog';
export { EditableTitle } from './EditableTitle';
export { EmptyState } from './EmptyState';
export { Field, type Option, Select, TextInput } from './Field';
export { Icon } from './Icon';
export { Menu, type MenuItem } from './Menu';
export { Notice, type NoticeKind } from './Notice';
export { Popover } from './Popover';
export { Progress } from './Progress';
export { useFirstTitle, usePageTitle } from './page_title';
export { Skeleton } from './Skeleton';
export { Slider } from './Slider';
export { Spinner } from './Spinner';
export { Switch } from './Switch';
export { styleNonce } from './style_nonce';
export { type Tab, Tabs } from './Tabs';
export { showToast, type ToastMessage, Toasts, useToast } from './Toast';
export { Tooltip } from './Tooltip';
export { VisuallyHidden } from './VisuallyHidden';
