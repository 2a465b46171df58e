import { beginInvalidation } from './queries';
import { session } from './session';
import { beginWatch } from './watch';

/** Once, when the page is opened: finds out who is here, and follows their jobs. */
export function begin(): void {
  beginInvalidation();
  beginWatch();
  void session.begin();
}
