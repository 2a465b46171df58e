export { BringSongsButton } from './BringSongsButton';
export { ChosenDialog } from './ChosenDialog';
export { DropAnywhere } from './DropAnywhere';
export { FileButton } from './FileButton';
export { UploadList } from './UploadList';
export { isMoving, type Phase, type Upload } from './upload';
export { uploadQueue, useArrived, useUploads } from './uploading';
export { leftWords, sizeWords } from './words';
