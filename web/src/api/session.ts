import { Code, ConnectError } from '@connectrpc/connect';
import { useSyncExternalStore } from 'react';
import type { User } from '@/api/gen/puremusic/auth/v1/auth_pb';
import { alone } from './alone';
import { later } from './later';
import { endSession, requestSession, type SignedIn } from './session_requests';
import { SessionTabs } from './session_tabs';

/** Who is before the page. `unknown` only while the page has just been opened. */
export interface SessionState {
  readonly state: 'unknown' | 'out' | 'in';
  readonly user?: User;
  /** The user's session is over and has to be begun again; until then calls wait, and nothing on the page is lost. */
  readonly expired: boolean;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly acceptedTermsVersion: string;
}

const LOCK = 'puremusic-session';
// A token that runs out this soon is replaced before it is used.
const EARLY_MS = 30_000;
const UNKNOWN: SessionState = { state: 'unknown', expired: false };
const OUT: SessionState = { state: 'out', expired: false };

/** The session of this browser: one for all its tabs. */
export class Session {
  private shown: SessionState = UNKNOWN;
  private held: SignedIn | undefined;
  private refreshing: Promise<SignedIn> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<{ resolve: (token: string) => void; reject: (error: Error) => void }>();

  constructor(private readonly tabs: SessionTabs = new SessionTabs()) {
    tabs.onMessage = (signedIn) => (signedIn ? this.enter(signedIn) : this.leave());
  }

  /** Finds out who is here. Browsers that nobody signed in with are not asked. */
  async begin(): Promise<void> {
    if (!this.tabs.known) {
      this.show(OUT);
      return;
    }
    while (this.shown.state === 'unknown') {
      try {
        await this.refresh();
      } catch (error) {
        if (isOver(error)) {
          this.tabs.forget();
          this.leave();
        } else await later(2_000); // not reachable; nothing is known until it is
      }
    }
  }

  get state(): SessionState {
    return this.shown;
  }

  /** The user who is signed in. */
  user(): User | undefined {
    return this.shown.user;
  }

  /** Calls the listener at every change of the state; returns how to stop that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  async signIn(email: string, password: string): Promise<void> {
    this.began(await alone(LOCK, () => requestSession('', { email, password })));
  }

  async register(wish: Registration): Promise<void> {
    this.began(await alone(LOCK, () => requestSession('/register', wish)));
  }

  /** Signs out, here or everywhere; fails where nobody can be reached, since the cookie would stay. */
  async signOut({ everywhere = false }: { everywhere?: boolean } = {}): Promise<void> {
    await alone(LOCK, () => endSession(everywhere));
    this.gone();
  }

  /** Ends the session on this side only: what it belonged to is gone (a deleted account). */
  gone(): void {
    this.leave();
    this.tabs.tell(undefined);
  }

  /** Shows the user as the account is now. */
  update(user: User): void {
    if (this.held) this.began({ ...this.held, user });
  }

  /** A token for a call; undefined when nobody is signed in. Waits while a session is being found or begun again. */
  async token(signal?: AbortSignal): Promise<string | undefined> {
    if (this.shown.state === 'unknown') await this.found(signal);
    if (this.shown.expired) return this.again(signal);
    if (!this.held) return undefined;
    if (this.held.expiresAt - Date.now() > EARLY_MS) return this.held.accessToken;
    return this.renewed(this.held.accessToken, signal);
  }

  /** A token other than the one that was refused. When the session is over it waits until the user has signed in again. */
  async renewed(refused: string, signal?: AbortSignal): Promise<string> {
    if (this.held && this.held.accessToken !== refused && !this.shown.expired) return this.held.accessToken;
    try {
      return (await this.refresh()).accessToken;
    } catch (error) {
      if (!isOver(error) || !this.shown.user) throw error;
      this.show({ ...this.shown, expired: true });
      return this.again(signal);
    }
  }

  /** One exchange of the cookie at a time: in this tab, and among tabs. */
  private refresh(): Promise<SignedIn> {
    this.refreshing ??= alone(LOCK, () => this.tabs.exchange(() => requestSession('/refresh', {})))
      .then((signedIn) => {
        this.began(signedIn);
        return signedIn;
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  /** Resolves once it is known who is here. */
  private found(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.subscribe(() => {
        if (this.shown.state === 'unknown') return;
        stop();
        resolve();
      });
      signal?.addEventListener('abort', () => {
        stop();
        reject(signal.reason);
      });
    });
  }

  private again(signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const one = { resolve, reject };
      this.waiting.add(one);
      signal?.addEventListener('abort', () => {
        this.waiting.delete(one);
        reject(signal.reason);
      });
    });
  }

  private began(signedIn: SignedIn): void {
    this.enter(signedIn);
    this.tabs.tell(signedIn);
  }

  private enter(signedIn: SignedIn): void {
    this.held = signedIn;
    this.show({ state: 'in', user: signedIn.user, expired: false });
    for (const { resolve } of this.waiting) resolve(signedIn.accessToken);
    this.waiting.clear();
  }

  private leave(): void {
    this.held = undefined;
    this.show(OUT);
    for (const { reject } of this.waiting) reject(new ConnectError('signed out', Code.Canceled));
    this.waiting.clear();
  }

  private show(state: SessionState): void {
    this.shown = state;
    for (const listener of this.listeners) listener();
  }
}

function isOver(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  // PERMISSION_DENIED: this address may hold no session.
  return [Code.Unauthenticated, Code.InvalidArgument, Code.PermissionDenied].includes(error.code);
}

export const session = new Session();

/** Who is before the page, and every change of it. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** Signs in with e-mail and password; throws what `failureOf` understands. */
export const signIn = (email: string, password: string): Promise<void> => session.signIn(email, password);
/** Creates an account and signs in. */
export const register = (wish: Registration): Promise<void> => session.register(wish);
/** Signs out, here or on every device. */
export const signOut = (how: { everywhere?: boolean } = {}): Promise<void> => session.signOut(how);
