import type { AuthenticateRequest, AuthenticateResponse, Origin } from '@tandem/proto/auth';
import type { AcceptResult, IssueResult, RefuseResult, Stale, Suspension } from '../ports.ts';
import type { AuthConfiguration } from './auth-configuration.ts';
import { buildChallenge } from './challenge.ts';
import {
  decisionOf,
  factsOf,
  failureFacts,
  formatSource,
  subjectOf,
  suspensionFacts,
  type DecisionDraft,
  type FactValues,
} from './decisions.ts';
import type { AddressOrigin, PasswordOrigin } from './origins.ts';
import { sourceOf, type Plan } from './plan.ts';
import type { SessionTerms } from './session-terms.ts';

/** What an answer is made from besides the plan and what the store said. */
export interface Circumstances {
  readonly configuration: AuthConfiguration;
  readonly request: AuthenticateRequest;
  readonly atMs: number;
}

type PlanOf<Kind extends Plan['kind']> = Plan & { readonly kind: Kind };
type Outcome = NonNullable<AuthenticateResponse['outcome']>;

/** AUTH-01: known by its address. */
export function allowByAddress(
  origin: AddressOrigin,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  // prettier-ignore
  const allowed = answer(allow(origin), atMs, {
    check: 'source-address',
    result: 'passed',
    subject: subjectOf(origin),
    facts: factsOf({ mode: origin.mode, source: formatSource(sourceOf(request)) }),
  });
  return { ...allowed, callerAddresses: [...origin.hosts] };
}

/** DENY-03: the gateway is known, the address is none of its own. */
export function denyByAddress(
  origin: AddressOrigin,
  circumstances: Circumstances,
): AuthenticateResponse {
  return refuseAddress(origin, circumstances, {});
}

/** DENY-03, CALL-07: an address proves nothing where the network hides it, so IP authentication is refused. */
export function denyHiddenSource(
  origin: AddressOrigin,
  circumstances: Circumstances,
): AuthenticateResponse {
  return refuseAddress(origin, circumstances, { 'source-hidden': 'yes' });
}

/** A request without credentials: challenged, or refused while its terminal is suspended. */
export function concludeIssue(
  { command, origin }: PlanOf<'issue'>,
  result: IssueResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  if (result.kind === 'suspended') {
    return refuseSuspended(result.suspension, origin, circumstances);
  }
  const { nonce, realm, terms } = command.fresh;
  const cause = origin === undefined ? 'no credentials, unknown user' : 'no credentials';
  // CALL-07: it may be a gateway in mode ip, which cannot be told from anybody else.
  const hidden = circumstances.request.sourceHidden ? { 'source-hidden': 'yes' } : {};
  return challenge({ nonce, realm, terms, isStale: false }, circumstances, {
    subject: command.terminal,
    facts: { cause, ...hidden },
  });
}

/** Right credentials: allowed, unless the nonce is used up or the terminal suspended. */
export function concludeAccept(
  { command, origin, algorithm }: PlanOf<'accept'>,
  result: AcceptResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  switch (result.kind) {
    case 'accepted':
      return answer(allow(origin), circumstances.atMs, {
        check: 'digest',
        result: 'passed',
        subject: command.terminal,
        facts: factsOf({ mode: 'password', realm: origin.realm, algorithm }),
      });
    case 'suspended':
      return refuseSuspended(result.suspension, origin, circumstances);
    case 'stale':
      return challengeStale(result, command.terminal, circumstances);
  }
}

/** Wrong credentials: challenged again until a limit is reached (AUTH-06, AUTH-07). */
export function concludeRefuse(
  { command, origin, fault }: PlanOf<'refuse'>,
  result: RefuseResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  switch (result.kind) {
    case 'challenged': {
      const { nonce, realm, terms, count } = result;
      const facts = { cause: fault, source: command.source, ...failureFacts(terms, count) };
      const parts = { nonce, realm, terms, isStale: false };
      return challenge(parts, circumstances, {
        subject: command.terminal,
        facts,
        reason: 'AuthenticationFailed',
      });
    }
    case 'ended':
      return answer(deny('AuthenticationFailed', origin), circumstances.atMs, {
        check: 'digest',
        result: 'refused',
        reason: 'AuthenticationFailed',
        subject: command.terminal,
        facts: factsOf({
          'decided-by':
            result.limit === 'retry' ? 'SS_SIP_AUTHENTICATION_RETRY' : 'SS_SIP_AUTHENTICATION_TIMEOUT', // prettier-ignore
          cause: fault,
          source: command.source,
          ...failureFacts(result.terms, result.count),
        }),
      });
    case 'suspended':
      return refuseSuspended(result.suspension, origin, circumstances);
    case 'stale':
      return challengeStale(result, command.terminal, circumstances);
  }
}

function refuseAddress(
  origin: AddressOrigin,
  { request, atMs }: Circumstances,
  why: FactValues,
): AuthenticateResponse {
  return answer(deny('IpNotAllowed', origin), atMs, {
    check: 'source-address',
    result: 'refused',
    reason: 'IpNotAllowed',
    subject: subjectOf(origin),
    facts: factsOf({
      mode: origin.mode,
      source: formatSource(sourceOf(request)),
      ...why,
      allowed: listSome(origin.addresses),
    }),
  });
}

function refuseSuspended(
  suspension: Suspension,
  origin: PasswordOrigin | undefined,
  { atMs }: Circumstances,
): AuthenticateResponse {
  return answer(deny('Suspended', origin), atMs, {
    check: 'suspension',
    result: 'refused',
    reason: 'Suspended',
    subject: suspension.terminal,
    facts: suspensionFacts(suspension),
  });
}

function challengeStale(
  stale: Stale,
  subject: string,
  circumstances: Circumstances,
): AuthenticateResponse {
  // prettier-ignore
  const cause =
    stale.cause === 'replayed' ? 'nonce count used before' : 'nonce unknown or expired';
  return challenge({ ...stale, isStale: true }, circumstances, { subject, facts: { cause } });
}

interface NewChallenge {
  readonly nonce: string;
  readonly realm: string;
  readonly terms: SessionTerms;
  readonly isStale: boolean;
}

function challenge(
  { nonce, realm, terms, isStale }: NewChallenge,
  { configuration, request, atMs }: Circumstances,
  why: { readonly subject: string; readonly facts: FactValues; readonly reason?: string },
): AuthenticateResponse {
  const { algorithms } = configuration.settings;
  const mode = terms.challengeMode;
  const value = buildChallenge({ mode, method: request.method, realm, nonce, isStale, algorithms });
  return answer({ $case: 'challenge', value }, atMs, {
    check: 'digest',
    result: 'challenged',
    subject: why.subject,
    reason: why.reason ?? '',
    facts: factsOf({ SS_AUTHCHALLENGEMODE: mode, code: value.code, realm, ...why.facts }),
  });
}

function answer(outcome: Outcome, atMs: number, draft: DecisionDraft): AuthenticateResponse {
  return { outcome, decisions: [decisionOf(draft, atMs)], callerAddresses: [] };
}

function allow(origin: AddressOrigin | PasswordOrigin): Outcome {
  return { $case: 'allow', value: publicOrigin(origin) };
}

function deny(
  reason: 'AuthenticationFailed' | 'Suspended' | 'IpNotAllowed',
  origin: AddressOrigin | PasswordOrigin | undefined,
): Outcome {
  const known = origin === undefined ? undefined : publicOrigin(origin);
  return { $case: 'deny', value: { reason, origin: known } };
}

/** AUTH-12: what is told about an origin, and no more. */
function publicOrigin({ kind, name, account }: AddressOrigin | PasswordOrigin): Origin {
  return { kind, name, account };
}

function listSome(values: readonly string[]): string {
  const shown = values.slice(0, 10).join(', ');
  return values.length > 10 ? `${shown} and ${String(values.length - 10)} more` : shown;
}
