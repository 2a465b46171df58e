// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Prose } from './Prose';

test('an operator’s text has paragraphs, headings, lists and links', () => {
  render(
    <Prose
      text={'Hello\nthere.\n\n# May I?\n\n- Yes\n- No\n\nAsk ann@music.example or see https://music.example/help.'}
    />,
  );
  expect(screen.getByText('Hello there.')).toBeDefined();
  expect(screen.getByRole('heading', { name: 'May I?' })).toBeDefined();
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(['Yes', 'No']);
  const hrefs = screen.getAllByRole('link').map((link) => link.getAttribute('href'));
  expect(hrefs).toEqual(['mailto:ann@music.example', 'https://music.example/help']);
});

test('it can do no harm', () => {
  const { container } = render(<Prose text={'<img src=x onerror=alert(1)> [x](javascript:alert(1))'} />);
  expect(container.querySelector('img, a, script')).toBeNull();
  expect(container.textContent).toContain('<img');
});
