import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type {
  AuthenticateRequest,
  AuthenticateResponse,
  Challenge,
  Origin,
} from '@tandem/proto/auth';
import type { AcceptResult, IssueResult, RefuseResult, Stale, Suspension } from '../ports.ts';
import type { AuthConfiguration } from './auth-configuration.ts';
import { buildChallenge } from './challenge.ts';
import { failureFacts, formatSource, subjectOf, suspensionFacts } from './decisions.ts';
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
  const facts = { mode: origin.mode, source: formatSource(sourceOf(request)) };
  const decision = decided('address-known', { subject: subjectOf(origin), facts, atMs });
  return { ...allowed(origin, decision), callerAddresses: [...origin.hosts] };
}

/** DENY-03: the gateway is known, the address is none of its own. */
export function denyByAddress(
  origin: AddressOrigin,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  const facts = {
    mode: origin.mode,
    source: formatSource(sourceOf(request)),
    allowed: listSome(origin.addresses),
  };
  return answer(
    deny('IpNotAllowed', origin),
    decided('address-foreign', { subject: subjectOf(origin), facts, atMs }),
  );
}

/** DENY-03, CALL-07: an address proves nothing where the network hides it, so IP authentication is refused. */
export function denyHiddenSource(
  origin: AddressOrigin,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  const facts = {
    mode: origin.mode,
    source: formatSource(sourceOf(request)),
    'source-hidden': 'yes',
    allowed: listSome(origin.addresses),
  } as const;
  return answer(
    deny('IpNotAllowed', origin),
    decided('address-hidden', { subject: subjectOf(origin), facts, atMs }),
  );
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
  return challenge({ nonce, realm, terms, isStale: false }, circumstances, {
    subject: command.terminal,
    cause,
    isSourceHidden: circumstances.request.sourceHidden,
  });
}

/** Right credentials: allowed, unless the nonce is used up or the terminal suspended. */
export function concludeAccept(
  { command, origin, algorithm }: PlanOf<'accept'>,
  result: AcceptResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  switch (result.kind) {
    case 'accepted': {
      const facts = { mode: 'password', realm: origin.realm, algorithm } as const;
      const { atMs } = circumstances;
      return allowed(
        origin,
        decided('password-proved', { subject: command.terminal, facts, atMs }),
      );
    }
    case 'suspended':
      return refuseSuspended(result.suspension, origin, circumstances);
    case 'stale':
      return challengeStale(result, command.terminal, circumstances);
  }
}

/** Wrong credentials: challenged again until a limit is reached (AUTH-06, AUTH-07). */
export function concludeRefuse(
  plan: PlanOf<'refuse'>,
  result: RefuseResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  const { command, origin } = plan;
  switch (result.kind) {
    case 'challenged':
      return challengeAgain(plan, result, circumstances);
    case 'ended':
      return refuseForGood(plan, result, circumstances);
    case 'suspended':
      return refuseSuspended(result.suspension, origin, circumstances);
    case 'stale':
      return challengeStale(result, command.terminal, circumstances);
  }
}

/** AUTH-06: the session has had its challenges, or its time. */
function refuseForGood(
  { command, origin, fault }: PlanOf<'refuse'>,
  { limit, terms, count }: RefuseResult & { readonly kind: 'ended' },
  { atMs }: Circumstances,
): AuthenticateResponse {
  const isRetry = limit === 'retry';
  const facts = {
    'decided-by': isRetry ? 'SS_SIP_AUTHENTICATION_RETRY' : 'SS_SIP_AUTHENTICATION_TIMEOUT',
    cause: fault,
    source: command.source,
    ...failureFacts(terms, count),
  } as const;
  return answer(
    deny('AuthenticationFailed', origin),
    decided('password-not-proved', { subject: command.terminal, facts, atMs }),
  );
}

function refuseSuspended(
  suspension: Suspension,
  origin: PasswordOrigin | undefined,
  { atMs }: Circumstances,
): AuthenticateResponse {
  const facts = suspensionFacts(suspension);
  return answer(
    deny('Suspended', origin),
    decided('terminal-suspended', { subject: suspension.terminal, facts, atMs }),
  );
}

function challengeStale(
  stale: Stale,
  subject: string,
  circumstances: Circumstances,
): AuthenticateResponse {
  // prettier-ignore
  const cause =
    stale.cause === 'replayed' ? 'nonce count used before' : 'nonce unknown or expired';
  const why = { subject, cause, isSourceHidden: false };
  return challenge({ ...stale, isStale: true }, circumstances, why);
}

interface NewChallenge {
  readonly nonce: string;
  readonly realm: string;
  readonly terms: SessionTerms;
  readonly isStale: boolean;
}

function challenge(
  fresh: NewChallenge,
  circumstances: Circumstances,
  why: { readonly subject: string; readonly cause: string; readonly isSourceHidden: boolean },
): AuthenticateResponse {
  const value = challengeOf(fresh, circumstances);
  const facts = {
    SS_AUTHCHALLENGEMODE: fresh.terms.challengeMode,
    code: value.code,
    realm: fresh.realm,
    cause: why.cause,
    // CALL-07: it may be a gateway in mode ip, which cannot be told from anybody else.
    'source-hidden': why.isSourceHidden ? 'yes' : undefined,
  } as const;
  return answer(
    { $case: 'challenge', value },
    decided('challenged', { subject: why.subject, facts, atMs: circumstances.atMs }),
  );
}

function challengeAgain(
  { command, fault }: PlanOf<'refuse'>,
  { nonce, realm, terms, count }: RefuseResult & { readonly kind: 'challenged' },
  circumstances: Circumstances,
): AuthenticateResponse {
  const value = challengeOf({ nonce, realm, terms, isStale: false }, circumstances);
  const facts = {
    SS_AUTHCHALLENGEMODE: terms.challengeMode,
    code: value.code,
    realm,
    cause: fault,
    source: command.source,
    ...failureFacts(terms, count),
  };
  return answer(
    { $case: 'challenge', value },
    decided('challenged-again', { subject: command.terminal, facts, atMs: circumstances.atMs }),
  );
}

function challengeOf(
  { nonce, realm, terms, isStale }: NewChallenge,
  { configuration, request }: Circumstances,
): Challenge {
  const { algorithms } = configuration.settings;
  const mode = terms.challengeMode;
  return buildChallenge({ mode, method: request.method, realm, nonce, isStale, algorithms });
}

function answer(outcome: Outcome, decision: DecisionRecord): AuthenticateResponse {
  return { outcome, decisions: [decision], callerAddresses: [], verification: undefined };
}

function allowed(
  origin: AddressOrigin | PasswordOrigin,
  decision: DecisionRecord,
): AuthenticateResponse {
  return { ...answer(allow(origin), decision), replyAddress: origin.replyAddress };
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
export function publicOrigin({ kind, name, account }: AddressOrigin | PasswordOrigin): Origin {
  return { kind, name, account };
}

function listSome(values: readonly string[]): string {
  const shown = values.slice(0, 10).join(', ');
  return values.length > 10 ? `${shown} and ${String(values.length - 10)} more` : shown;
}
