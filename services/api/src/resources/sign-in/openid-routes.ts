import { openSecret, sealSecret } from '@tandem/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OpenIdPort, OpenIdState } from '../../adapters/openid-provider.ts';
import { placeOf } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import {
  decideOpenId,
  openIdName,
  type OpenIdIdentity,
} from '../../core/operators/openid-identity.ts';
import type { Operator } from '../../operator-ports.ts';
import type { StartedSession } from '../../sign-ins.ts';
import { redirect } from './redirect.ts';

const CALLBACK = '/api/v1/sign-in/openid/callback';
const STATE_COOKIE = 'tandem-openid';
const STATE_SECONDS = 600;

const startQuery = z.object({
  returnTo: z.string().max(500).default('/').describe('A page of this switch.'),
});
// What a provider sends: it may be more, and may be an error.
const callbackQuery = z.looseObject({ code: z.string().optional(), state: z.string().optional() });

const stateShape = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  returnTo: z.string(),
  untilMs: z.number(),
});

/** What a sign-in ends in. */
interface Ways {
  readonly enter: (
    request: FastifyRequest,
    reply: FastifyReply,
    to: { readonly outcome: StartedSession; readonly to: string },
  ) => Promise<FastifyReply>;
  readonly notedRefusal: (request: FastifyRequest, name: string, kind: string) => Promise<void>;
}

/** Signing in by OpenID Connect. What is to be remembered is in a sealed cookie: any pod takes the way back. */
export function openIdRoutes(
  app: FastifyInstance,
  { documents: { secretKey }, operators }: RouteParts,
  { enter, notedRefusal }: Ways,
): void {
  const { openId, publicUrl, signIns, store } = operators;

  app.get<{ Querystring: z.output<typeof startQuery> }>(
    '/sign-in/openid',
    {
      schema: routeSchema({
        id: 'signInByOpenId',
        tag: 'operators',
        summary: 'Go to the provider of OpenID Connect',
        query: startQuery,
        answer: 'SignInOptions',
        redirects: true,
        errors: [404],
      }),
    },
    async ({ query: { returnTo } }, reply) => {
      const { state, url } = await providerOf(openId).start(`${publicUrl()}${CALLBACK}`);
      const untilMs = Date.now() + STATE_SECONDS * 1000;
      const kept = JSON.stringify({ ...state, returnTo: pageOf(returnTo), untilMs });
      reply.setCookie(STATE_COOKIE, sealSecret(secretKey, kept), {
        path: CALLBACK,
        httpOnly: true,
        // It is the provider's page that leads back.
        sameSite: 'lax',
        secure: operators.isSecure(),
        maxAge: STATE_SECONDS,
      });
      return redirect(reply, url);
    },
  );

  app.get(
    '/sign-in/openid/callback',
    {
      schema: routeSchema({
        id: 'finishOpenId',
        tag: 'operators',
        summary: 'Where the provider of OpenID Connect leads back to',
        query: callbackQuery,
        answer: 'SignInOptions',
        redirects: true,
        errors: [404],
      }),
    },
    async (request, reply) => {
      const provider = providerOf(openId);
      const kept = stateOf(request.cookies[STATE_COOKIE]);
      reply.clearCookie(STATE_COOKIE, { path: CALLBACK });
      if (kept === undefined) {
        return refuse(request, reply, { page: 'openid-failed', why: 'the sign-in was not begun here, or too long ago', name: '' }); // prettier-ignore
      }
      const found = await provider.finish(new URL(request.url, publicUrl()), kept);
      if (found.kind === 'failed') {
        return refuse(request, reply, { page: 'openid-failed', why: found.why, name: '' });
      }
      const operator = await operatorFor(found.identity, provider);
      if (typeof operator === 'string') {
        const name = openIdName(found.identity);
        return refuse(request, reply, { page: 'openid-not-allowed', why: operator, name });
      }
      const outcome = await signIns.begin(operator, 'openid', placeOf(request));
      return enter(request, reply, { outcome, to: kept.returnTo });
    },
  );

  /** @returns why not, where nobody is */
  async function operatorFor(
    identity: OpenIdIdentity,
    { groupRoles }: OpenIdPort,
  ): Promise<Operator | string> {
    const known = await store.withOpenIdSubject(identity.subject);
    const namesake = await store.get(openIdName(identity));
    const createdAt = new Date();
    const decision = decideOpenId(identity, known, { groupRoles, namesake, createdAt });
    if (decision.kind === 'refused') return decision.why;
    if (decision.kind === 'new') {
      if (await store.create(decision.operator)) return decision.operator;
      return 'another sign-in has just made this user: try again';
    }
    const { operator, role } = decision;
    if (operator.role === role) return operator;
    const changed = await store.change(operator.name, (before) => ({ ...before, role }));
    // Whose rights would be taken away stays one, where nobody else would be left.
    return changed.kind === 'changed' ? changed.after : operator;
  }

  async function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, page, why }: { readonly page: string; readonly why: string; readonly name: string },
  ): Promise<FastifyReply> {
    signIns.refused(name, 'openid', why, placeOf(request));
    await notedRefusal(request, name, 'wrong');
    return redirect(reply, `/sign-in?problem=${page}`);
  }

  function stateOf(cookie: string | undefined): (OpenIdState & { returnTo: string }) | undefined {
    if (cookie === undefined) return undefined;
    try {
      const kept = stateShape.parse(JSON.parse(openSecret(secretKey, cookie)));
      return kept.untilMs > Date.now() ? kept : undefined;
    } catch {
      // Nobody but the switch seals: what does not open was made by somebody else.
      return undefined;
    }
  }
}

function providerOf(openId: OpenIdPort | undefined): OpenIdPort {
  if (openId !== undefined) return openId;
  throw fail(404, 'no-openid', 'there is no OpenID provider: TANDEM_OPENID_ISSUER is not set');
}

/** A path of ours; what leads elsewhere is none. */
function pageOf(returnTo: string): string {
  return /^\/(?![/\\])[^\p{Cc}]*$/u.test(returnTo) ? returnTo : '/';
}
