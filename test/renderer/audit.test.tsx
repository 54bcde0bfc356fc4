import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import AuditScreen from '../../renderer/screens/audit';
import { actionWords } from '../../renderer/screens/audit/actions';
import { useNavigation } from '../../renderer/state/navigation';
import { auditEvent, consoleAnswers } from './console-answers';
import { Failed, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

function open(tab: string, answers: FakeAnswers = {}, params: Record<string, string> = {}) {
  useNavigation.setState({ place: { screen: 'audit', params: { tab, ...params } }, past: [], future: [] });
  return renderOver(fakeCoffer({ ...consoleAnswers, ...answers }), <AuditScreen />).fake;
}

const button = (name: string | RegExp) => screen.findByRole('button', { name });

describe('exports', () => {
  test('begin with the last closed month, and all files are saved with their SHA-256', async () => {
    const fake = open('exports');
    await userEvent.click(await button('Save all 10 files…'));
    expect(fake.calls.at(-1)).toEqual({ channel: 'exports.save', args: { period: '2026-09', names: [] } });
    const saved = await screen.findByRole('table', { name: 'Saved files with their SHA-256' });
    expect(within(saved).getAllByRole('row')).toHaveLength(11);
    expect(within(saved).getAllByText(/^b94d27b9934d3e08/)).toHaveLength(10);
    expect(screen.getByText('/home/mara/Documents/Coffer 2026-09')).toBeDefined();
  });

  test('one file is saved by its name', async () => {
    const fake = open('exports');
    await userEvent.click(await button('Save payouts.csv'));
    expect(fake.calls.at(-1)?.args).toEqual({ period: '2026-09', names: ['payouts.csv'] });
    expect(await screen.findByText('1 file was saved.')).toBeDefined();
  });

  test('a dialog that was cancelled changes nothing on the page', async () => {
    open('exports', { 'exports.save': async () => null });
    await userEvent.click(await button('Save all 10 files…'));
    expect(screen.queryByRole('table', { name: 'Saved files with their SHA-256' })).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('a full disk is told in place', async () => {
    open('exports', {
      'exports.save': async () => {
        throw new Failed('The files could not be written.', 'Choose a folder with more room.');
      },
    });
    await userEvent.click(await button('Save all 10 files…'));
    expect((await screen.findByRole('alert')).textContent).toContain('Choose a folder with more room.');
  });

  test('the binder says where it is, with its SHA-256', async () => {
    const fake = open('exports');
    await userEvent.click(await button('Save the close binder…'));
    expect(fake.calls.at(-1)).toEqual({ channel: 'exports.binder', args: { period: '2026-09' } });
    expect(await screen.findByText('/home/mara/Documents/coffer-2026-09.zip')).toBeDefined();
    expect(screen.getByText(/^2c26b46b68ffc68f/)).toBeDefined();
  });

  test('of an open month: what is not there yet cannot be saved, and there is no binder', async () => {
    open('exports', {}, { period: '2026-10' });
    expect(await button('Save audit.csv')).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Save earnings.csv' })).toBeNull();
    expect((await button('Save the close binder…')).getAttribute('disabled')).not.toBeNull();
    expect(screen.getByText(/It is made once 2026-10 is closed/)).toBeDefined();
  });
});

describe('the audit log', () => {
  test('is newest first, in plain words, and an event opens with its whole hash', async () => {
    const fake = open('log');
    expect(await screen.findByText('2,377')).toBeDefined();
    expect(fake.calls.at(-1)?.args).toEqual({ offset: 0, limit: 100, sort: 'seq', descending: true });
    await userEvent.click(screen.getByText('2,377'));
    const drawer = await screen.findByRole('dialog', { name: /^Event 2377/ });
    expect(within(drawer).getByText('Payout to Ada Moreau, 147.40 USD')).toBeDefined();
    expect(drawer.textContent).toMatch(/Hash[0-9a-f]{64}/);
  });

  test('says what an event is about in words, with the id in the hint and in the drawer', async () => {
    open('log', {
      'audit.list': async () => ({
        total: 1,
        rows: [
          { ...auditEvent(7), action: 'intent.posted', subject: 'in_77', subjectLabel: 'Payout to Ada, 12.00 USD' },
        ],
      }),
    });
    const label = await screen.findByText('Payout to Ada, 12.00 USD');
    expect(label.title).toBe('Payout to Ada, 12.00 USD (in_77)');
    await userEvent.click(label);
    const drawer = await screen.findByRole('dialog', { name: /^Event 7/ });
    expect(within(drawer).getByText('Payout to Ada, 12.00 USD')).toBeDefined();
    expect(within(drawer).getByText('in_77')).toBeDefined();
  });

  test('an action that has no words of its own is still readable', () => {
    expect(actionWords('intent.unknown')).toBe('Outcome of a movement unknown');
    expect(actionWords('something.new-here')).toBe('Something new here');
  });

  test('a month that fell back because its plan changed is not called funded', () => {
    expect(actionWords('month-end.funded', 'version 1, from lapsed')).toBe('Funded Storage');
    expect(actionWords('month-end.funded', 'version 1, from approved, lapsed 9f2c81d04be7a635')).toBe(
      'Approval lapsed',
    );
  });
});

describe('verification', () => {
  test('shows the events and the head', async () => {
    open('verification');
    await userEvent.click(await button('Verify the log'));
    expect(await screen.findByText('The log is complete and unchanged.')).toBeDefined();
    expect(screen.getByText('2,377')).toBeDefined();
    expect(screen.getByText(/^b5bb9d8014a0f9b1/)).toBeDefined();
  });

  test('a broken chain is an alarm', async () => {
    open('verification', {
      'audit.verify': async () => ({
        ok: false,
        events: 41,
        head: 'ab'.repeat(32),
        message: 'Event 42 does not follow from the one before it.',
        checkpoints: 3,
        keyFingerprint: null,
        checkedAt: '2026-10-29T08:35:00.000Z',
      }),
    });
    await userEvent.click(await button('Verify the log'));
    expect((await screen.findByRole('alert')).textContent).toContain('The log was changed.');
  });
});

test('the certificate leads to the Migration screen', async () => {
  open('certificate');
  await userEvent.click(await button('Open the certificate on Migration'));
  expect(useNavigation.getState().place.screen).toBe('migration');
});
