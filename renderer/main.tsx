import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { connect } from './state/connect';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
// The answers are on their way while the page is drawn for the first time.
connect();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
