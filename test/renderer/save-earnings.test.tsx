import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { namedCreators, SaveEarningsDialog } from '../../renderer/screens/creators/save-earnings-dialog';
import { fakeCoffer, install } from './fake-coffer';
import { lists } from './fake-lists';
import { simulateWindow } from './rendering';

simulateWindow();

test('names are taken with whatever stands between them, each once', () => {
  expect(namedCreators(' c1, c2;c3\nida@example.com\n\nc1 ')).toEqual(['c1', 'c2', 'c3', 'ida@example.com']);
  expect(namedCreators(' \n')).toEqual([]);
});

test('without a name nothing is saved; the named are sent', async () => {
  const fake = fakeCoffer(lists);
  install(fake);
  render(<SaveEarningsDialog onClose={() => {}} />);
  await userEvent.click(await screen.findByRole('radio', { name: 'These creators' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save the statements' }));
  expect(screen.getByText('Write at least one id or e-mail address.')).toBeDefined();
  await userEvent.type(screen.getByLabelText('Ids or e-mail addresses'), 'c1 ida@example.com');
  await userEvent.click(screen.getByRole('button', { name: 'Save 2 statements' }));
  expect(fake.calls).toEqual([{ channel: 'creators.saveEarnings', args: { creators: ['c1', 'ida@example.com'] } }]);
});
