import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { begin } from '@/api/begin';
import { App } from '@/app/App';
import '@/design/styles.css';

begin();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
