/** What the stack said of itself when it started, or whoever started it. */
export function env(name: 'PUREMUSIC_URL' | 'PUREMUSIC_SONGS'): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the tests with \`make test-web\`.`);
  return value;
}
