import { QueryClientProvider } from '@tanstack/react-query';
import { queryClient } from '@/api/queries';
import { Toasts } from '@/design';
import { Broken } from './Broken';
import { Pages } from './Pages';
import { Shell } from './Shell';

/** The whole client. */
export function App() {
  return (
    <Broken>
      <QueryClientProvider client={queryClient}>
        <Shell>
          <Pages />
        </Shell>
        <Toasts />
      </QueryClientProvider>
    </Broken>
  );
}
