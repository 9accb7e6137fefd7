/**
 * How requests prove who asks, and who that is. Nothing else of the console knows cookies or tokens.
 *
 * With a session the browser sends the cookie by itself, and what changes something carries the token of `tandem-csrf`.
 * An API token, or that of the server's file, is kept in memory alone: it is gone when the page is.
 */
import { useSyncExternalStore } from 'react';

/** Whoever is signed in. */
export interface Session {
  readonly user: string;
  readonly role: string | undefined;
  /** operationIds; undefined: everything. */
  readonly may: ReadonlySet<string> | undefined;
  readonly mustChangePassword: boolean;
  readonly isByToken: boolean;
}

/** `asking` until the server has said whether somebody is signed in. */
export type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'signed-in'; readonly session: Session };

/** What the server takes at the door. */
export interface SignInOptions {
  readonly password: boolean;
  readonly openId: { readonly title: string; readonly startUrl: string } | undefined;
}

const BASE = '/api/v1';
let state: SessionState = { kind: 'asking' };
let token: string | undefined;
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Who is signed in, for a component. */
export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Whether the user may do an operation of the API, by its operationId: what one may not is not offered. */
export function useMay(operationId: string): boolean {
  const now = useSessionState();
  if (now.kind !== 'signed-in') return false;
  return now.session.may === undefined || now.session.may.has(operationId);
}

/** Puts into a request what proves who asks. */
export function authorize(headers: Headers, method: string): void {
  if (token !== undefined) {
    headers.set('authorization', `Bearer ${token}`);
  } else if (method !== 'GET' && method !== 'HEAD') {
    headers.set('x-csrf-token', cookie('tandem-csrf'));
  }
}

/** Whether links to the API open by themselves: a token goes with scripts' requests alone. */
export function areLinksAllowed(): boolean {
  return token === undefined;
}

/** Tells that the server knows the user no more. */
export function sessionEnded(): void {
  token = undefined;
  set({ kind: 'nobody' });
}

/** Asks who is signed in; at the start, and after what changes it. */
export async function refreshSession(): Promise<void> {
  const answer = await ask('/session');
  if (answer.ok) set({ kind: 'signed-in', session: readSession(await answer.json()) });
  else sessionEnded();
}

/** How one may sign in; a server without users takes its token alone. */
export async function signInOptions(): Promise<SignInOptions> {
  const answer = await ask('/sign-in');
  if (!answer.ok) return { password: false, openId: undefined };
  const told = (await answer.json()) as {
    password: boolean;
    openId: SignInOptions['openId'] | null;
  };
  return { password: told.password, openId: told.openId ?? undefined };
}

/** @throws Error with what the server says */
export async function signIn(name: string, password: string): Promise<void> {
  const answer = await ask('/sign-in', { method: 'POST', body: { name, password } });
  if (!answer.ok) throw new Error(await detailOf(answer));
  await refreshSession();
}

/** @throws Error where the server does not know the token */
export async function signInByToken(text: string): Promise<void> {
  token = text;
  const answer = await ask('/session');
  if (answer.ok) {
    set({ kind: 'signed-in', session: readSession(await answer.json()) });
    return;
  }
  // A server without users has no sessions either: whether it knows the token any other answer says.
  const probe = answer.status === 404 ? await ask('/configuration/versions?limit=1') : answer;
  if (!probe.ok) {
    token = undefined;
    throw new Error(await detailOf(probe));
  }
  set({
    kind: 'signed-in',
    session: {
      user: 'token',
      role: undefined,
      may: undefined,
      mustChangePassword: false,
      isByToken: true,
    },
  });
}

/** @throws Error with what the server says of the passwords */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  const body = { currentPassword, newPassword };
  const answer = await ask('/session/password', { method: 'PUT', body });
  if (!answer.ok) throw new Error(await detailOf(answer));
  await refreshSession();
}

/** Ends the session here and at the server. */
export async function signOut(): Promise<void> {
  if (token === undefined) await ask('/session', { method: 'DELETE' });
  sessionEnded();
}

async function ask(
  path: string,
  { method = 'GET', body }: { readonly method?: string; readonly body?: unknown } = {},
): Promise<Response> {
  const headers = new Headers();
  authorize(headers, method);
  if (body === undefined) return fetch(BASE + path, { method, headers });
  headers.set('content-type', 'application/json');
  return fetch(BASE + path, { method, headers, body: JSON.stringify(body) });
}

interface ToldSession {
  readonly user: { readonly name: string; readonly displayName: string; readonly role: string };
  readonly mustChangePassword: boolean;
  readonly may: readonly string[];
}

function readSession(told: unknown): Session {
  const { user, mustChangePassword, may } = told as ToldSession;
  return {
    user: user.displayName === '' ? user.name : user.displayName,
    role: user.role,
    may: new Set(may),
    mustChangePassword,
    isByToken: token !== undefined,
  };
}

async function detailOf(answer: Response): Promise<string> {
  const problem = (await answer.json().catch(() => ({}))) as {
    readonly detail?: string;
    readonly mistakes?: readonly { readonly message: string }[];
  };
  const mistakes = (problem.mistakes ?? []).map(({ message }) => message);
  return [problem.detail ?? `the server answers ${String(answer.status)}`, ...mistakes].join('; ');
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return decodeURIComponent(found?.slice(name.length + 1) ?? '');
}
