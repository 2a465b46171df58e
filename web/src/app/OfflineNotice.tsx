import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Icon } from '@/design';

const subscribe = (listener: () => void) => {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
};

/** Says that the network is away, and what still goes on. */
export function OfflineNotice() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {!online && (
        <p className="flex items-center justify-center gap-2.5 bg-warning-soft px-4 py-2 text-center">
          <Icon of={WifiOff} className="text-warning" />
          You are offline. What you have chosen is kept, and uploads go on when the connection is back.
        </p>
      )}
    </div>
  );
}
