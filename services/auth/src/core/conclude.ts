import { decided } from '@tandem/domain';
import type { DecisionRecord, FactsOf } from '@tandem/domain';
import type {
  AuthenticateRequest,
  AuthenticateResponse,
  Challenge,
  Origin,
} from '@tandem/proto/auth';
import type {
  AcceptResult,
  Blacklisted,
  BlacklistEntry,
  Ended,
  Gathered,
  IssueResult,
  Presented,
  RefuseResult,
  Stale,
  Suspended,
} from '../ports.ts';
import type { AuthConfiguration } from './auth-configuration.ts';
import { buildChallenge } from './challenge.ts';
import { failureFacts, formatSource, listSome, subjectOf, suspensionFacts } from './decisions.ts';
import { isInPlace, maySend } from './origins.ts';
import type { AddressOrigin, PasswordOrigin } from './origins.ts';
import { sourceOf, type PlanOf } from './plan.ts';
import { showsCertificate } from './shown-certificate.ts';
import type { SessionTerms } from './session-terms.ts';
import { staleWords } from './unanswered.ts';

/** What an answer is made from besides the plan and what the store said. */
export interface Circumstances {
  readonly configuration: AuthConfiguration;
  readonly request: AuthenticateRequest;
  readonly atMs: number;
}

type Outcome = NonNullable<AuthenticateResponse['outcome']>;

/** AUTH-01: known by its address. */
export function allowByAddress(
  origin: AddressOrigin | PasswordOrigin,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  const { hosts, mode } =
    'mode' in origin ? origin : { hosts: origin.places?.addresses ?? [], mode: 'ip' as const };
  const facts = { mode, source: formatSource(sourceOf(request)) };
  const decision = decided('address-known', { subject: subjectOf(origin), facts, atMs });
  const response = allowed(origin, decision, { request, atMs });
  return { ...response, callerAddresses: [...hosts] };
}

/** DENY-03: the gateway is known, the address is none of its own. */
export function denyByAddress(
  origin: AddressOrigin,
  { configuration, request, atMs }: Circumstances,
): AuthenticateResponse {
  // AUTH-09
  const facts = {
    mode: origin.mode,
    source: formatSource(sourceOf(request)),
    allowed: listSome(origin.addresses),
  };
  const decision = decided('address-foreign', { subject: subjectOf(origin), facts, atMs });
  return configuration.repliesUnauthorized
    ? answer(deny('IpNotAllowed', origin), decision)
    : answerNothing(decision);
}

/** AUTH-14: nobody lists the address. */
export function refuseUnknown(
  result: Gathered | Blacklisted,
  decision: DecisionRecord,
  circumstances: Circumstances,
): AuthenticateResponse {
  if (result.kind === 'black-listed') return blacklisted(result.entry, circumstances);
  return answer(deny('IpNotAllowed', undefined, false), decision);
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
  if (result.kind === 'suspended') return refuseSuspended(result, origin, circumstances);
  if (result.kind === 'black-listed') return blacklisted(result.entry, circumstances);
  const { nonce, realm, terms } = command.fresh;
  const { lack } = command.attempt;
  const cause = origin === undefined ? `${lack}, unknown user` : lack;
  return challenge({ nonce, realm, terms, isStale: false }, circumstances, {
    subject: command.terminal.user,
    origin,
    cause,
    isSourceHidden: circumstances.request.sourceHidden,
  });
}

/** Right credentials: allowed, unless the nonce is used up or the terminal suspended. */
export function concludeAccept(
  { command, origin, algorithm, isPrevious }: PlanOf<'accept'>,
  result: AcceptResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  switch (result.kind) {
    case 'accepted': {
      const barred = notPermitted(origin, circumstances) ?? elsewhere(origin, circumstances);
      if (barred !== undefined) return barred;
      const facts = {
        mode: 'password',
        realm: origin.realm,
        algorithm,
        password: isPrevious ? 'previous' : undefined,
      } as const;
      const { atMs } = circumstances;
      return allowed(
        origin,
        decided('password-proved', { subject: command.terminal.user, facts, atMs }),
        circumstances,
      );
    }
    case 'suspended':
      return refuseSuspended(result, origin, circumstances);
    case 'ended':
      return refuseForGood(
        { command, origin, cause: 'not looked at any more' },
        result,
        circumstances,
      );
    case 'black-listed':
      return blacklisted(result.entry, circumstances);
    case 'stale':
      return challengeStale(result, { subject: command.terminal.user, origin }, circumstances);
  }
}

/** Who has proved itself, but neither registers nor calls (REG-10). */
function notPermitted(
  origin: PasswordOrigin,
  { request: { method }, atMs }: Circumstances,
): AuthenticateResponse | undefined {
  if (maySend(origin, method)) return undefined;
  const subject = subjectOf(origin);
  return answer(
    deny('CallNotPermitted', origin),
    decided('method-not-permitted', { subject, facts: { method }, atMs }),
  );
}

/** DENY-03: a phone has proved its password, and is not where it may be. */
function elsewhere(
  origin: PasswordOrigin,
  { request, atMs }: Circumstances,
): AuthenticateResponse | undefined {
  if (isInPlace(origin, request)) return undefined;
  const subject = subjectOf(origin);
  const facts = {
    mode: 'both',
    source: formatSource(sourceOf(request)),
    allowed: listSome(origin.places?.addresses ?? []),
  } as const;
  const decision = request.sourceHidden
    ? decided('address-hidden', { subject, facts: { ...facts, 'source-hidden': 'yes' }, atMs })
    : decided('address-foreign', { subject, facts, atMs });
  return answer(deny('IpNotAllowed', origin), decision);
}

/** Wrong credentials: challenged again until a limit is reached (AUTH-06, AUTH-07). */
export function concludeRefuse(
  plan: PlanOf<'refuse'>,
  result: RefuseResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  const response = refusalOf(plan, result, circumstances);
  const { outcome } = response;
  // AUTH-09: wrong credentials get no answer.
  return circumstances.configuration.repliesUnauthorized || outcome === undefined
    ? response
    : { ...response, outcome: unanswered };
}

function refusalOf(
  plan: PlanOf<'refuse'>,
  result: RefuseResult,
  circumstances: Circumstances,
): AuthenticateResponse {
  const { command, origin, fault } = plan;
  switch (result.kind) {
    case 'challenged':
      return challengeAgain(plan, result, circumstances);
    case 'ended':
      return refuseForGood(
        { command, origin, cause: fault, explanation: command.explanation },
        result,
        circumstances,
      );
    case 'suspended':
      return refuseSuspended(result, origin, circumstances);
    case 'black-listed':
      return blacklisted(result.entry, circumstances);
    case 'stale':
      return challengeStale(result, { subject: command.terminal.user, origin }, circumstances);
  }
}

/** AUTH-08: the source is black-listed, which its edge need not ask for a moment. */
function blacklisted(entry: BlacklistEntry, circumstances: Circumstances): AuthenticateResponse {
  const { cause, failures, sinceMs, untilMs } = entry;
  const left = Math.max(1, Math.min(BLOCKED_MS, untilMs - circumstances.atMs));
  const why =
    failures === 0
      ? `an operator put it there: ${cause}`
      : `${String(failures)} failures (SS_BLACKLIST_MAX_FAILURES), the last one: ${cause}`;
  const explanation = `from ${timeOf(sinceMs)} until ${timeOf(untilMs)}, ${why}`;
  return { ...silence('source black-listed', explanation, circumstances), blockedForMs: left };
}

/** AUTH-08: the source is in the list of those that are denied. */
export function denySource(block: string, circumstances: Circumstances): AuthenticateResponse {
  const explanation = `${block} in security.deny`;
  return { ...silence('source denied', explanation, circumstances), blockedForMs: BLOCKED_MS };
}

/** AUTH-09: nobody is known who sends from there. */
export function leaveUnanswered(circumstances: Circumstances): AuthenticateResponse {
  const explanation = 'SS_REPLY_UNAUTHORIZED Off';
  return silence('not known, and such get no answer', explanation, circumstances);
}

function silence(
  cause: FactsOf<'not-answered'>['cause'],
  explanation: string,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  const facts = { cause, source: formatSource(sourceOf(request)), explanation };
  return answerNothing(decided('not-answered', { subject: '', facts, atMs }));
}

function answerNothing(decision: DecisionRecord): AuthenticateResponse {
  return { outcome: unanswered, ...nothingElse, decisions: [decision], callerAddresses: [] };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** DENY-18: a gateway that is known is refused in the way that it wants; of others nothing is known that could say how. */
export function toldAsWanted(
  response: AuthenticateResponse,
  { callerAnswers }: Pick<AuthConfiguration, 'callerAnswers'>,
): AuthenticateResponse {
  const { outcome } = response;
  if (outcome?.$case !== 'deny') return response;
  const { origin } = outcome.value;
  const answers = origin?.kind === 'mapping-gateway' ? callerAnswers.get(origin.name) : undefined;
  if (answers === undefined) return response;
  return {
    ...response,
    outcome: { ...outcome, value: { ...outcome.value, callerAnswers: answers } },
  };
}

const unanswered: Outcome = {
  $case: 'deny',
  value: { reason: 'Suspended', origin: undefined, unrecorded: true, unanswered: true },
};

/** What edges take for granted of a source that is black-listed: so soon one that is lifted, or listed, is so everywhere. */
const BLOCKED_MS = 1500;

const nothingElse = { verification: undefined, blockedForMs: 0, scanners: undefined } as const;

/** AUTH-06: the session has had its challenges, or its time. */
function refuseForGood(
  {
    command,
    origin,
    cause,
    explanation = '',
  }: {
    readonly command: Presented;
    readonly origin: PasswordOrigin | undefined;
    readonly cause: string;
    readonly explanation?: string;
  },
  { limit, terms, count, isRecorded }: Ended,
  { request, atMs }: Circumstances,
): AuthenticateResponse {
  const isRetry = limit === 'retry';
  const facts = {
    'decided-by': isRetry ? 'SS_SIP_AUTHENTICATION_RETRY' : 'SS_SIP_AUTHENTICATION_TIMEOUT',
    cause,
    source: formatSource(sourceOf(request)),
    ...failureFacts(terms, count),
    explanation: explanation === '' ? undefined : explanation,
  } as const;
  return answer(
    deny('AuthenticationFailed', origin, isRecorded),
    decided('password-not-proved', { subject: command.terminal.user, facts, atMs }),
  );
}

function refuseSuspended(
  { suspension, isRecorded }: Suspended,
  origin: PasswordOrigin | undefined,
  { atMs }: Circumstances,
): AuthenticateResponse {
  const facts = suspensionFacts(suspension);
  return answer(
    deny('Suspended', origin, isRecorded),
    decided('terminal-suspended', { subject: suspension.terminal, facts, atMs }),
  );
}

function challengeStale(
  stale: Stale,
  whose: Pick<Challenged, 'subject' | 'origin'>,
  circumstances: Circumstances,
): AuthenticateResponse {
  const why = { ...whose, cause: staleWords[stale.cause], isSourceHidden: false };
  return challenge({ ...stale, isStale: true }, circumstances, why);
}

interface NewChallenge {
  readonly nonce: string;
  readonly realm: string;
  readonly terms: SessionTerms;
  readonly isStale: boolean;
}

/** Who is challenged, and why. */
interface Challenged {
  readonly subject: string;
  readonly origin: PasswordOrigin | undefined;
  readonly cause: string;
  readonly isSourceHidden: boolean;
}

function challenge(
  fresh: NewChallenge,
  circumstances: Circumstances,
  why: Challenged,
): AuthenticateResponse {
  const value = challengeOf(fresh, why.origin, circumstances);
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
  { command, fault, origin }: PlanOf<'refuse'>,
  { nonce, realm, terms, count }: RefuseResult & { readonly kind: 'challenged' },
  circumstances: Circumstances,
): AuthenticateResponse {
  const value = challengeOf({ nonce, realm, terms, isStale: false }, origin, circumstances);
  const facts = {
    SS_AUTHCHALLENGEMODE: terms.challengeMode,
    code: value.code,
    realm,
    cause: fault,
    source: command.source,
    ...failureFacts(terms, count),
    explanation: command.explanation === '' ? undefined : command.explanation,
  };
  return answer(
    { $case: 'challenge', value },
    decided('challenged-again', {
      subject: command.terminal.user,
      facts,
      atMs: circumstances.atMs,
    }),
  );
}

function challengeOf(
  { nonce, realm, terms, isStale }: NewChallenge,
  origin: PasswordOrigin | undefined,
  { configuration, request }: Circumstances,
): Challenge {
  // AUTH-13
  const { algorithms = configuration.settings.algorithms } = origin ?? {};
  const mode = terms.challengeMode;
  return buildChallenge({ mode, method: request.method, realm, nonce, isStale, algorithms });
}

function answer(outcome: Outcome, decision: DecisionRecord): AuthenticateResponse {
  return { outcome, ...nothingElse, decisions: [decision], callerAddresses: [] };
}

/** It is who it says, and has the certificate that it must have besides. */
function allowed(
  origin: AddressOrigin | PasswordOrigin,
  decision: DecisionRecord,
  { request, atMs }: Pick<Circumstances, 'request' | 'atMs'>,
): AuthenticateResponse {
  if (!showsCertificate(origin, request)) {
    const { certificate: shown, transport } = request;
    const facts = {
      transport,
      shown,
      allowed: listSome(origin.certificateNames ?? []),
      source: formatSource(sourceOf(request)),
    };
    const foreign = decided('certificate-foreign', { subject: subjectOf(origin), facts, atMs });
    const refusal = answer(deny('AuthenticationFailed', origin), foreign);
    return { ...refusal, decisions: [decision, foreign] };
  }
  return { ...answer(allow(origin), decision), replyAddress: origin.replyAddress };
}

function allow(origin: AddressOrigin | PasswordOrigin): Outcome {
  return { $case: 'allow', value: publicOrigin(origin) };
}

/** @param isRecorded it has a CDR: the address, or a proof at this place lately, says who it is (behaviour section 2) */
function deny(
  reason: 'AuthenticationFailed' | 'CallNotPermitted' | 'Suspended' | 'IpNotAllowed',
  origin: AddressOrigin | PasswordOrigin | undefined,
  isRecorded = true,
): Outcome {
  const known = origin === undefined || !isRecorded ? undefined : publicOrigin(origin);
  return {
    $case: 'deny',
    value: { reason, origin: known, unrecorded: !isRecorded, unanswered: false },
  };
}

/** AUTH-12: what is told about an origin, and no more. */
export function publicOrigin({ kind, name, account }: AddressOrigin | PasswordOrigin): Origin {
  return { kind, name, account };
}
