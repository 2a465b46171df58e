import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserSchema } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { later } from './later';
import type { SignedIn } from './session_requests';

interface Told {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly user: Uint8Array;
}

const CHANNEL = 'puremusic-session';
const KNOWN = 'puremusic.signed-in';
const EXCHANGING = 'puremusic.exchanging';
// An exchange that a reload cut off goes on in the browser, and is over by then.
const CUT_OFF_MS = 1_500;

/** What the tabs of one browser tell each other of their session. Only whether there is one is ever stored. */
export class SessionTabs {
  onMessage: (signedIn: SignedIn | undefined) => void = () => {};
  private readonly channel = new BroadcastChannel(CHANNEL);

  constructor() {
    this.channel.onmessage = ({ data }: MessageEvent<Told | undefined>) =>
      this.onMessage(data && { ...data, user: fromBinary(UserSchema, data.user) });
  }

  /** Whether somebody has signed in with this browser and not signed out; true where that can't be remembered. */
  get known(): boolean {
    try {
      return localStorage.getItem(KNOWN) !== null;
    } catch {
      return true;
    }
  }

  /** Remembers that nobody is signed in, without telling: other tabs may still have something to lose, and find out. */
  forget(): void {
    stored(KNOWN, undefined);
  }

  /** Tells the other tabs, and remembers, that somebody is signed in; undefined: nobody is. */
  tell(signedIn: SignedIn | undefined): void {
    stored(KNOWN, signedIn && '1');
    this.channel.postMessage(signedIn && { ...signedIn, user: toBinary(UserSchema, signedIn.user) });
  }

  /**
   * Runs an exchange of the cookie, after one that the page's last life left unfinished: a refresh token that is sent twice
   * ends the session, so the answer of the first must have reached the browser.
   */
  async exchange(run: () => Promise<SignedIn>): Promise<SignedIn> {
    const left = begun() + CUT_OFF_MS - Date.now();
    if (left > 0) await later(Math.min(left, CUT_OFF_MS));
    stored(EXCHANGING, String(Date.now()));
    try {
      return await run();
    } finally {
      stored(EXCHANGING, undefined);
    }
  }

  close(): void {
    this.channel.close();
  }
}

function begun(): number {
  try {
    return Number(localStorage.getItem(EXCHANGING) ?? 0);
  } catch {
    return 0;
  }
}

function stored(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // No storage: sessions are then found by asking.
  }
}
