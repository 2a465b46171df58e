import { useEffect } from 'react';
import { Tabs } from '@/design';
import { BringSongsButton, ChosenDialog, UploadList } from '@/uploads';
import { FusedTab } from './FusedTab';
import { stopListening } from './quick_listen';
import { SongsTab } from './SongsTab';
import { StorageUsed } from './StorageUsed';
import { selectOnly } from './selection';
import { type LibraryTab, useLibraryView } from './view';

/** All songs and all that was made of them; and where songs come in. */
export default function LibraryPage() {
  const [view, change] = useLibraryView();
  useEffect(
    () => () => {
      stopListening();
      selectOnly([]);
    },
    [],
  );
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h1 className="text-4xl">Library</h1>
          <StorageUsed />
        </div>
        <BringSongsButton />
      </div>
      <UploadList />
      <Tabs
        label="What is in the library"
        value={view.tab}
        onChange={(tab) => change({ tab: tab as LibraryTab, search: '', order: 'newest', status: '' })}
        tabs={[
          { key: 'songs', label: 'Songs', content: <SongsTab view={view} onChange={change} /> },
          { key: 'fused', label: 'Fused songs', content: <FusedTab view={view} onChange={change} /> },
        ]}
      />
      <ChosenDialog />
    </div>
  );
}
