import { connectBalances } from './balances';
import { connectLock } from './lock';
import { connectSession } from './session';

/** Connects what the page knows to the app, and asks for all of it; once, before anything is drawn. Returns the function that disconnects it. */
export function connect(): () => void {
  const ends = [connectSession(), connectBalances(), connectLock()];
  return () => {
    for (const end of ends) end();
  };
}
