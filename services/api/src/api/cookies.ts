import type { FastifyReply } from 'fastify';
import type { StartedSession } from '../sign-ins.ts';

/** Proves a session; no script can read it. */
export const SESSION_COOKIE = 'tandem-session';
/** What a script of ours sends back as X-CSRF-Token; a page of somebody else can neither read nor send it. */
export const CSRF_COOKIE = 'tandem-csrf';

/** Hands the secrets of a session to a browser. */
export function setSessionCookies(
  reply: FastifyReply,
  { csrf, secret, session }: StartedSession,
  isSecure: boolean,
): void {
  const common = {
    path: '/',
    sameSite: 'strict',
    secure: isSecure,
    expires: session.expiresAt,
  } as const;
  reply.setCookie(SESSION_COOKIE, secret, { ...common, httpOnly: true });
  reply.setCookie(CSRF_COOKIE, csrf, { ...common, httpOnly: false });
  // What has secrets in its headers is kept nowhere.
  reply.header('cache-control', 'no-store');
}

/** Takes them away again. */
export function clearSessionCookies(reply: FastifyReply): void {
  for (const name of [SESSION_COOKIE, CSRF_COOKIE]) reply.clearCookie(name, { path: '/' });
}
