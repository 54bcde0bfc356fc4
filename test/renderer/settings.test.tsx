import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import SettingsScreen from '../../renderer/screens/settings';
import {
  chunkElsewhere,
  parsePercent,
  percentText,
  policyForm,
  readPolicy,
} from '../../renderer/screens/settings/policy-form';
import { useNavigation } from '../../renderer/state/navigation';
import { useSession } from '../../renderer/state/session';
import type { Reply } from '../../shared/contract';
import { consoleAnswers, refused } from './console-answers';
import { Failed, type FakeAnswers, type FakeCoffer, fakeCoffer, install, settings } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

async function open(tab: string, answers: FakeAnswers = {}): Promise<FakeCoffer> {
  const fake = fakeCoffer({ ...consoleAnswers, ...answers });
  install(fake);
  useNavigation.setState({ place: { screen: 'settings', params: { tab } }, past: [], future: [] });
  await useSession.getState().load();
  render(<SettingsScreen />);
  return fake;
}

const calls = (fake: FakeCoffer, channel: string) => fake.calls.filter((one) => one.channel === channel);
const button = (name: string | RegExp) => screen.findByRole('button', { name });

beforeEach(() => useSession.setState({ info: undefined }));

describe('the Stripe key', () => {
  const key = 'rk_test_51PqR7xLkdIwHu7ixAbCdEf';
  const typeKey = async () => userEvent.type(await screen.findByLabelText('Stripe key', { selector: 'input' }), key);

  test('that Stripe accepts is stored and leaves the field', async () => {
    const fake = await open('stripe');
    await typeKey();
    await userEvent.click(await button('Test and store the key'));
    expect(await screen.findByText('Connected to Patchwork Studio.')).toBeDefined();
    expect(calls(fake, 'secrets.set').at(-1)?.args).toEqual({ key, sessionOnly: false, rail: 'financial-account' });
    expect(screen.getByLabelText('Stripe key', { selector: 'input' })).toHaveProperty('value', '');
    expect(screen.getByText('Coffer can pay creators from Storage.')).toBeDefined();
  });

  test('that lacks a permission is not stored: the message says which, and the key stays typed', async () => {
    const fake = await open('stripe', { 'secrets.set': async () => ({ stored: false, report: refused }) });
    await typeKey();
    await userEvent.click(await button('Test and store the key'));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('it may not read: Financial accounts (read). Nothing was stored.');
    expect(screen.getByText('The key that was refused, and not stored')).toBeDefined();
    expect(screen.getByLabelText('Stripe key', { selector: 'input' })).toHaveProperty('value', key);
    expect(calls(fake, 'secrets.status')).toHaveLength(1);
  });

  test('that is no key at all is refused in place', async () => {
    await open('stripe', {
      'secrets.set': async () => {
        throw new Failed('This is a publishable key (pk_…).', 'Copy a restricted key (rk_…) instead.');
      },
    });
    await typeKey();
    await userEvent.click(await button('Test and store the key'));
    expect((await screen.findByRole('alert')).textContent).toContain('Copy a restricted key');
  });

  test('is a password field, and nothing is sent while it is empty', async () => {
    const fake = await open('stripe');
    expect(await screen.findByLabelText('Stripe key', { selector: 'input' })).toHaveProperty('type', 'password');
    await userEvent.click(await button('Test and store the key'));
    expect(screen.getByText('Paste the key here.')).toBeDefined();
    expect(calls(fake, 'secrets.set')).toHaveLength(0);
  });

  test('is kept for this session only when the keychain is locked, with the way to unlock it', async () => {
    const fake = await open('stripe', {
      'secrets.status': async () => ({
        keychain: {
          state: 'locked',
          detail: 'The keychain is locked.',
          hint: 'Unlock your keyring, then check again.',
        },
        keys: [],
      }),
    });
    expect(await screen.findByText('Unlock your keyring, then check again.')).toBeDefined();
    await typeKey();
    await userEvent.click(await button('Test and store the key'));
    expect(calls(fake, 'secrets.set').at(-1)?.args).toEqual({ key, sessionOnly: true, rail: 'financial-account' });
  });

  test('is removed after a dialog that starts on Cancel', async () => {
    const fake = await open('stripe');
    await userEvent.click(await button('Remove the key of Test'));
    const dialog = await screen.findByRole('alertdialog');
    expect(document.activeElement?.textContent).toBe('Cancel');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove 1 key' }));
    expect(calls(fake, 'secrets.clear').at(-1)?.args).toEqual({ mode: 'test' });
  });
});

describe('the mode', () => {
  test('test is changed to at once, live only after it is restated', async () => {
    const fake = await open('stripe');
    await userEvent.click(await screen.findByRole('radio', { name: /^Live/ }));
    expect(screen.getByText('There is no live key yet.')).toBeDefined();
    await userEvent.click(await button('Change to live mode'));
    expect(calls(fake, 'app.setMode')).toHaveLength(0);
    const dialog = await screen.findByRole('alertdialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    await userEvent.click(await screen.findByRole('radio', { name: /^Test/ }));
    await userEvent.click(await button('Change to test mode'));
    expect(calls(fake, 'app.setMode').map((one) => one.args)).toEqual([{ mode: 'test' }]);
  });
});

describe('the storage account', () => {
  const view = (more: Partial<Reply<'settings.storageAccounts'>>): Reply<'settings.storageAccounts'> => ({
    chosen: null,
    inUse: null,
    accounts: ['Creators', 'Reserve'].map((name, index) => ({
      id: `fa_test_${name}`,
      name,
      open: true,
      currencies: ['usd'],
      balances: [{ currency: 'usd', available: index === 0 ? '12345' : '0', inbound: '0', outbound: '0' }],
    })),
    ...more,
  });

  test('is asked for when there are two, restated, and only then chosen', async () => {
    const fake = await open('policy', {
      'settings.storageAccounts': async () => view({}),
      'settings.chooseStorageAccount': async ({ id }) => view({ chosen: id, inUse: id }),
    });
    expect(await screen.findByText('There are 2 open accounts, and none is chosen')).toBeDefined();
    await userEvent.click(await button('Choose Creators as Storage'));
    expect(calls(fake, 'settings.chooseStorageAccount')).toHaveLength(0);
    const dialog = await screen.findByRole('alertdialog');
    expect(within(dialog).getByText('Creators (fa_test_Creators)')).toBeDefined();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Choose 1 account' }));
    expect(calls(fake, 'settings.chooseStorageAccount').at(-1)?.args).toEqual({ id: 'fa_test_Creators' });
    expect(await screen.findByText('Storage, chosen')).toBeDefined();
  });

  test('that holds money is not changed: the dialog stays open and says why', async () => {
    await open('policy', {
      'settings.storageAccounts': async () => view({ chosen: 'fa_test_Creators', inUse: 'fa_test_Creators' }),
      'settings.chooseStorageAccount': async () => {
        throw new Failed('The present storage account still holds 123.45 USD.', 'Pay or release what is in it first.');
      },
    });
    await userEvent.click(await button('Choose Reserve as Storage'));
    const dialog = await screen.findByRole('alertdialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Choose 1 account' }));
    expect(await within(dialog).findByText(/still holds 123.45 USD/)).toBeDefined();
  });
});

describe('the policy', () => {
  test('a fee that is none is marked and nothing is saved', async () => {
    const fake = await open('policy');
    const fee = await screen.findByLabelText('Platform fee in %');
    await userEvent.clear(fee);
    await userEvent.type(fee, '107');
    await userEvent.click(await button(/^Save/));
    expect(screen.getByText(/Write a percentage from 0 to 100/)).toBeDefined();
    expect(calls(fake, 'settings.update')).toHaveLength(0);
    await userEvent.clear(fee);
    await userEvent.type(fee, '7.25');
    await userEvent.click(await button('Save 1 change'));
    await waitFor(() => expect(calls(fake, 'settings.update').at(-1)?.args).toEqual({ feeBps: 725 }));
  });

  test('another rail is restated first; a refusal stays on the page', async () => {
    const fake = await open('policy', {
      'settings.update': async () => {
        throw new Failed('The rail cannot be changed while money is in Storage.', 'Empty Storage first.');
      },
    });
    await userEvent.click(await screen.findByRole('radio', { name: /^Earmark/ }));
    await userEvent.click(await button('Save 1 change'));
    expect(calls(fake, 'settings.update')).toHaveLength(0);
    const dialog = await screen.findByRole('alertdialog');
    expect(dialog.textContent).toContain('Earmark in Coffer');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Change the rail' }));
    expect(await screen.findByText('Empty Storage first.')).toBeDefined();
    expect(screen.getByRole('radio', { name: /^Earmark/ })).toHaveProperty('checked', true);
  });

  test('minimums are read in the currency’s own decimals and can be added and removed', () => {
    const form = {
      ...policyForm(settings, 'usd'),
      minimums: [
        { currency: 'usd', amount: '1,250.00' },
        { currency: 'jpy', amount: '500' },
      ],
    };
    expect(readPolicy(form, settings, 'usd').change).toEqual({ payoutMinimum: { usd: '125000', jpy: '500' } });
    const wrong = { ...form, minimums: [{ currency: 'jpy', amount: '500.50' }] };
    expect(readPolicy(wrong, settings, 'usd')).toEqual({
      problems: { 'minimum:jpy': 'Write an amount of JPY, zero or more.' },
      change: {},
    });
  });

  test.each([
    ['0', 0],
    ['7', 700],
    ['7.5', 750],
    ['7.05', 705],
    ['7,25 %', 725],
    ['100', 10_000],
    ['100.01', undefined],
    ['7.005', undefined],
    ['-1', undefined],
    ['', undefined],
    ['seven', undefined],
  ])('a fee of “%s” is %s basis points', (text, bps) => {
    expect(parsePercent(text)).toBe(bps);
    if (bps !== undefined) expect(parsePercent(percentText(bps))).toBe(bps);
  });

  test('the largest movement is typed as an amount of the main currency and kept in minor units', () => {
    const form = policyForm(settings, 'usd');
    expect(form.migrationChunk).toBe('5000.00');
    expect(readPolicy({ ...form, migrationChunk: '2,000.00' }, settings, 'usd').change).toEqual({
      migrationChunk: '200000',
    });
    expect(policyForm(settings, 'jpy').migrationChunk).toBe('500000');
    for (const wrong of ['0', '-5', '10.005', 'much', '']) {
      expect(readPolicy({ ...form, migrationChunk: wrong }, settings, 'usd')).toEqual({
        problems: { migrationChunk: 'Write an amount of USD above zero.' },
        change: {},
      });
    }
    expect(chunkElsewhere('2,000.00', 'usd', ['usd', 'eur', 'jpy'])).toEqual(['2,000.00 EUR', '200,000 JPY']);
  });

  test('an unchanged form has nothing to save', () => {
    expect(readPolicy(policyForm(settings, 'usd'), settings, 'usd')).toEqual({ problems: {}, change: {} });
  });
});

describe('the sandbox', () => {
  test('a dataset starts it afresh only after the dialog', async () => {
    const fake = await open('data');
    await userEvent.click(await button('Use One month later'));
    expect(calls(fake, 'data.useSandboxDataset')).toHaveLength(0);
    const dialog = await screen.findByRole('alertdialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Start the sandbox afresh' }));
    expect(calls(fake, 'data.useSandboxDataset').at(-1)?.args).toEqual({ id: 'month-two' });
  });

  test('a fault is arranged a number of times, shown, and cleared', async () => {
    const fake = await open('sandbox');
    await userEvent.click(await screen.findByRole('radio', { name: /^The connection drops/ }));
    const times = screen.getByLabelText('Times');
    await userEvent.clear(times);
    await userEvent.type(times, '0');
    await userEvent.click(await button('Arrange this fault'));
    expect(screen.getByText('Write a whole number from 1 to 100.')).toBeDefined();
    await userEvent.clear(times);
    await userEvent.type(times, '2');
    await userEvent.click(await button('Arrange this fault'));
    expect(calls(fake, 'sandbox.fault').at(-1)?.args).toEqual({ fault: 'connection-drops', times: 2 });
    await userEvent.click(await button('Clear 1 fault'));
    expect(await screen.findByText('No fault is arranged: everything works.')).toBeDefined();
  });

  test('has no tab outside the sandbox', async () => {
    const info = await fakeCoffer().call('app.info', undefined);
    if (!info.ok) throw new Error('The fake has no app.info');
    await open('sandbox', { 'app.info': async () => ({ ...info.value, mode: 'live' }) });
    expect(screen.queryByRole('tab', { name: 'Sandbox' })).toBeNull();
    expect(screen.getByRole('tab', { name: 'Stripe connection' }).getAttribute('aria-selected')).toBe('true');
  });
});

test('the theme changes at once', async () => {
  const fake = await open('appearance');
  await userEvent.click(await screen.findByRole('radio', { name: 'Dark' }));
  expect(calls(fake, 'settings.update').at(-1)?.args).toEqual({ theme: 'dark' });
  expect(useSession.getState().theme).toBe('dark');
});

test('an operator has a name', async () => {
  const fake = await open('operator');
  const name = await screen.findByLabelText('Name');
  await userEvent.clear(name);
  await userEvent.click(await button('Save the name'));
  expect(screen.getByText('Write a name: approvals need one.')).toBeDefined();
  await userEvent.type(name, ' R. Okafor ');
  await userEvent.click(await button('Save the name'));
  expect(calls(fake, 'app.setOperator').map((one) => one.args)).toEqual([{ name: 'R. Okafor' }]);
});
