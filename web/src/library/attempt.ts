import { failureOf } from '@/api/failures';
import { showToast } from '@/design';

/** Does something, and says so when it fails; returns whether it went well. */
export async function attempt(deed: () => Promise<void>): Promise<boolean> {
  try {
    await deed();
    return true;
  } catch (error) {
    showToast({ kind: 'error', text: failureOf(error).message });
    return false;
  }
}
