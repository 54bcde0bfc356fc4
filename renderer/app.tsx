import { Suspense, useEffect, useRef } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Skeleton, ToastRegion } from './components';
import { AuthenticateDialog, LockScreen } from './frame/app-lock';
import { CommandPalette } from './frame/command-palette';
import { DamagedBooks } from './frame/damaged-books';
import { ErrorBoundary } from './frame/error-boundary';
import './frame/frame.css';
import { NavigationRail } from './frame/navigation-rail';
import { RestoredBooks } from './frame/restored-books';
import { TopBar } from './frame/top-bar';
import { UnfinishedRuns } from './frame/unfinished-runs';
import { useKeptFocus } from './frame/use-kept-focus';
import { Welcome } from './frame/welcome';
import { screens } from './screens/screens';
import { useQuery } from './state/coffer';
import { useLock } from './state/lock';
import { screenTitles, useNavigation } from './state/navigation';
import { useSession } from './state/session';

export function App() {
  const theme = useSession((session) => session.theme);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);

  useKeptFocus();
  const welcomed = useSession((session) => session.info?.welcomed ?? true);
  const locked = useLock((lock) => lock.view?.locked ?? false);
  return (
    // Sweden's calendar notation is what the console uses everywhere: 2026-10-31.
    <I18nProvider locale="en-SE">
      <ErrorBoundary>{locked ? <LockScreen /> : welcomed ? <Frame /> : <Welcome />}</ErrorBoundary>
      {!locked && <AuthenticateDialog />}
      <ToastRegion />
    </I18nProvider>
  );
}

function Frame() {
  const place = useNavigation((navigation) => navigation.place);
  useHistoryKeys();
  useFocusOnChange();
  const Screen = screens[place.screen];
  const books = useQuery('backups.state', undefined, { reloadOn: ['data.changed'] }).value;
  // The mode and the key can still be changed, and the guide read.
  const damaged = books?.damage != null && place.screen !== 'settings' && place.screen !== 'guide';
  return (
    <div className="frame">
      <button type="button" className="skip-link" onClick={() => document.getElementById('screen')?.focus()}>
        Skip to the content
      </button>
      <TopBar />
      <NavigationRail />
      <main id="screen" tabIndex={-1} className="screen">
        {books?.restored != null && <RestoredBooks restored={books.restored} />}
        <UnfinishedRuns />
        <ErrorBoundary key={place.screen}>
          <Suspense fallback={<Skeleton label={`Loading ${screenTitles[place.screen]}`} height={320} />}>
            {damaged ? <DamagedBooks state={books} /> : <Screen />}
          </Suspense>
        </ErrorBoundary>
      </main>
      <CommandPalette />
    </div>
  );
}

/** Alt+Left and Alt+Right, as in a browser; on macOS also Cmd+[ and Cmd+]. */
function useHistoryKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { back, forward } = useNavigation.getState();
      if ((event.altKey && event.key === 'ArrowLeft') || (event.metaKey && event.key === '[')) {
        event.preventDefault();
        back();
      } else if ((event.altKey && event.key === 'ArrowRight') || (event.metaKey && event.key === ']')) {
        event.preventDefault();
        forward();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** A new screen gets the window's title and the focus on its heading, so that a screen reader says where one is. */
function useFocusOnChange(): void {
  const screen = useNavigation((navigation) => navigation.place.screen);
  const previous = useRef(screen);
  useEffect(() => {
    document.title = `${screenTitles[screen]} – Coffer`;
    if (previous.current === screen) return;
    previous.current = screen;
    document.getElementById('screen')?.scrollTo(0, 0);
    const focusHeading = () => {
      const heading = document.getElementById('screen-title');
      heading?.focus();
      return heading !== null;
    };
    if (focusHeading()) return;
    const watcher = new MutationObserver(() => {
      if (focusHeading()) watcher.disconnect();
    });
    watcher.observe(document.body, { childList: true, subtree: true });
    return () => watcher.disconnect();
  }, [screen]);
}
