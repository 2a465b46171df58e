import { create } from 'zustand';

/** `system`: as the device is set. */
export type Theme = 'system' | 'light' | 'dark';

// public/theme.js reads it before anything is painted.
const KEY = 'puremusic.theme';

/** The look that was chosen for this browser, whoever is signed in. */
export const useTheme = create<{ readonly theme: Theme }>(() => ({ theme: stored() }));

/** Chooses it. */
export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // No storage: it holds until the page is left.
  }
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  useTheme.setState({ theme });
}

function stored(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system';
  }
}
