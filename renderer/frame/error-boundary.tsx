import { Component, type ReactNode } from 'react';
import { Banner, Button } from '../components';

interface State {
  readonly failed: boolean;
}

/** Keeps a bug on one screen from taking the console down, and says in plain words what is safe. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Banner
        tone="bad"
        live
        title="This screen could not be shown."
        actions={<Button onPress={() => this.setState({ failed: false })}>Show it again</Button>}
      >
        Nothing was moved or changed by this. Show the screen again; if it stays like this, go to another screen and
        report it with the log from Settings.
      </Banner>
    );
  }
}
