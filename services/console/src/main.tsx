import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/client.ts';
import { refreshSession } from './api/session.ts';
import { App } from './app.tsx';
import './style/index.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // What was refused is refused again; what was away may be back.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiProblem) || error.problem.status === 503),
    },
  },
});

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
void refreshSession();
