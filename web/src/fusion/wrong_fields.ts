import { useEffect } from 'react';
import { create } from 'zustand';

/** Fields whose contents can't be meant, by their labels, with what is wrong; nothing is made while there are any. */
export const useWrongFields = create<Readonly<Record<string, string>>>(() => ({}));

/** Tells the page what is wrong with a field, for as long as it is, and as long as the field is there. */
export function useWrongField(label: string, error: string | undefined): void {
  useEffect(() => {
    if (error === undefined) return;
    useWrongFields.setState({ [label]: error });
    return () => useWrongFields.setState(({ [label]: _, ...others }) => others, true);
  }, [label, error]);
}

/** What has to be mended first, in words; undefined where nothing is wrong. */
export function wrongWords(wrong: Readonly<Record<string, string>>): string | undefined {
  const words = Object.entries(wrong).map(([label, error]) => `“${label}”: ${error}`);
  return words.length > 0 ? words.join(' ') : undefined;
}
