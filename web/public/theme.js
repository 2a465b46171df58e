// Before anything is painted, so that nobody's dark evening begins with a white flash. The key is `app/theme.ts`'s.
try {
  const theme = localStorage.getItem('puremusic.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's choice holds.
}
