// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { destination, signInAddress } from './destination';

test.each([
  ['/tracks/7', '', '/tracks/7'],
  ['/library', 'sort=title&q=a%20b', '/library?sort=title&q=a%20b'],
  ['/library', '', '/library'],
  ['/', '', '/library'],
])('whoever has to sign in first comes to %s afterwards', (path, search, expected) => {
  const { search: kept } = new URL(signInAddress(path, search), window.location.origin);
  expect(destination(kept.slice(1))).toBe(expected);
});

test.each(['https://evil.example/', '//evil.example/x', '/\\evil.example', 'javascript:alert(1)', 'http://[', ''])(
  'never elsewhere: %s',
  (next) => {
    expect(destination(new URLSearchParams({ next }).toString())).toBe('/library');
  },
);
