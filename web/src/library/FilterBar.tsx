import { useCallback } from 'react';
import { type Option, Select } from '@/design';
import { SearchField } from './SearchField';
import type { ChangeView, LibraryView } from './view';

interface FilterBarProps {
  readonly view: LibraryView;
  readonly onChange: ChangeView;
  readonly searchLabel: string;
  readonly orders: readonly Option<string>[];
  readonly statuses?: readonly Option<string>[];
}

const SELECT_LOOKS = 'min-w-36 flex-1 sm:w-auto sm:flex-none';

/** Searches, sorts, narrows. */
export function FilterBar({ view, onChange, searchLabel, orders, statuses }: FilterBarProps) {
  const search = useCallback((search: string) => onChange({ search }), [onChange]);
  return (
    <div className="flex flex-wrap gap-3">
      <SearchField label={searchLabel} value={view.search} onChange={search} />
      <Select
        aria-label="Order"
        value={view.order}
        options={orders}
        onChange={(order) => onChange({ order })}
        className={SELECT_LOOKS}
      />
      {statuses && (
        <Select
          aria-label="Show"
          value={view.status}
          options={statuses}
          onChange={(status) => onChange({ status })}
          className={SELECT_LOOKS}
        />
      )}
    </div>
  );
}
