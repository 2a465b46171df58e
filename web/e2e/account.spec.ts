import { readFile } from 'node:fs/promises';
import { axe, expect, picture, test } from './fixtures';
import { PASSWORD } from './people';

test('registering needs the terms, and leads to the library', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/one new song/i);
  await axe(page);
  await picture(page, '01-welcome');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(page).toHaveTitle('Create an account · PureMusic');
  await page.getByLabel('E-mail').fill(`${crypto.randomUUID()}@example.org`);
  await page.getByLabel('What should we call you?').fill('Ann');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByText('Accept the terms to create an account.')).toBeVisible();
  await axe(page);
  await page.getByRole('checkbox', { name: /accept the terms/ }).check();
  await picture(page, '02-register');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page).toHaveURL(/\/library$/);
  await expect(page.getByText('Begin by bringing two songs.')).toBeVisible();
});

test('what is wrong is said where it is, and what was typed stays', async ({ page, person }) => {
  await page.goto('/register');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('What should we call you?').fill('Ann');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/e-mail/i);
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await page.reload();
  await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  await expect(page.getByLabel('What should we call you?')).toHaveValue('Ann');
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
});

test('signing in leads to where one wanted to go, and out to the front door', async ({ page, person }) => {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount$/);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('is not right');
  await axe(page);
  await picture(page, '03-sign-in');
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: 'Create an account' })).toBeVisible();
  await page.goto('/library');
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('name, password and keys', async ({ page, person, open, api }) => {
  await open('/account');
  await axe(page);
  await picture(page, '15-account');
  await page.getByLabel('What should we call you?').fill('Ann of the Songs');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await expect(page.getByRole('button', { name: 'Account of Ann of the Songs' })).toBeVisible();

  await page.getByLabel('Present password').fill('wrong password');
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByLabel('Present password')).toHaveAccessibleDescription(/not your present password/);
  await page.getByLabel('Present password').fill(person.password);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(
    page.getByText('Your password was changed. Other devices are signed out.', { exact: true }),
  ).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();

  await page.getByLabel('Name of the new key').fill('Backup');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const secret = await page.getByLabel('The key', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const exchanged = await api.post('/api/v1/auth/api-keys:exchange', { secret });
  expect(exchanged.accessToken).toBeTruthy();
  await page.getByRole('button', { name: 'End the key Backup' }).click();
  await page.getByRole('button', { name: 'End the key', exact: true }).click();
  await expect(page.getByText('There are no keys yet.')).toBeVisible();
});

test('my data come as a file, and deleting the account deletes it', async ({ page, person, open, api }) => {
  await open('/account');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export my data' }).click();
  const download = await downloading;
  const data = JSON.parse(await readFile(await download.path(), 'utf8'));
  expect(data.account.user.email).toBe(person.email);
  expect(data).toMatchObject({ songs: [], fusions: [] });

  await page.getByRole('button', { name: 'Delete my account' }).click();
  await page.getByLabel('Your password').fill('wrong password');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByLabel('Your password')).toHaveAccessibleDescription(/not your password/);
  await axe(page);
  await page.getByLabel('Your password').fill(person.password);
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByText('Your account was deleted, and all songs with it.', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await expect.poll(async () => (await api.get('/api/v1/auth/me').catch(() => ({}))).email).toBeUndefined();
});

test('terms, copyright and contact are one click away from everywhere', async ({ page, open }) => {
  for (const [link, heading] of [
    ['Terms', 'Terms of use'],
    ['Copyright', 'Copyright'],
    ['Report a song', 'Report a song, or ask'],
  ] as const) {
    await page.goto('/sign-in');
    await page.getByRole('contentinfo').getByRole('link', { name: link }).click();
    await expect(page.getByRole('heading', { level: 2, name: heading })).toBeInViewport();
  }
  await axe(page);
  await picture(page, '16-rights');
  await open('/library');
  await expect(page.getByRole('contentinfo').getByRole('link', { name: 'Terms' })).toBeVisible();
});
