import { readDecision } from '@tandem/domain';
import type { Decision, JournalNote, JournalWhy } from '@tandem/domain';
import type { AuthenticateRequest, AuthenticateResponse } from '@tandem/proto/auth';
import type { NewFailure } from '../ports.ts';
import { formatSource } from './decisions.ts';
import { sourceOf } from './plan.ts';
import type { ConcludedChallenge } from './unanswered-call.ts';

/**
 * REG-11: what the journal is told of a REGISTER that auth does not let through. A first challenge is none of it: every client
 * gets one.
 * @param accountOf of a phone or gateway that is configured
 */
export function refusedRegistration(
  request: AuthenticateRequest,
  { blockedForMs, decisions, outcome }: AuthenticateResponse,
  accountOf: (username: string) => string,
): JournalNote | undefined {
  if (request.method !== 'REGISTER' || outcome?.$case === 'allow') return undefined;
  const record = decisions.at(-1);
  const decision = record === undefined ? undefined : readDecision(record);
  const cause =
    decision?.kind === 'not-answered'
      ? { ...silenceOf(blockedForMs), facts: { explanation: decision.facts.explanation } }
      : decision === undefined
        ? silenceOf(blockedForMs)
        : causeOf(decision);
  if (cause === undefined) return undefined;
  const { isKnown, name } = subjectIn(record?.subject ?? '', request.fromUser);
  return {
    ...cause,
    terminal: name,
    account: isKnown ? accountOf(name) : '',
    sender: isKnown ? 'claimed' : 'unknown',
    source: formatSource(sourceOf(request)),
    userAgent: request.userAgent,
    callId: request.sipCallId,
  };
}

/** AUTH-15: what the journal is told of a REGISTER whose challenge led nowhere. */
export function unansweredRegistration(
  {
    cause: fault,
    challenge,
    decision: record,
  }: Pick<NewFailure, 'cause' | 'decision'> & Pick<ConcludedChallenge, 'challenge'>,
  accountOf: (username: string) => string,
): JournalNote | undefined {
  const decision = readDecision(record);
  if (decision?.kind !== 'challenge-unanswered') return undefined;
  const { facts, subject } = decision;
  if (facts.method !== 'REGISTER') return undefined;
  const { isKnown, name } = subjectIn(subject, subject);
  return {
    ...whyUnanswered(decision, fault),
    terminal: name,
    account: isKnown ? accountOf(name) : '',
    sender: isKnown ? 'claimed' : 'unknown',
    source: facts.source,
    userAgent: facts['user-agent'] ?? '',
    callId: challenge.attempt.call.sipCallId,
  };
}

/** REG-10: a phone that is not where it may be could not have answered. */
function whyUnanswered(
  { facts, reason }: Decision<'challenge-unanswered'>,
  fault: string,
): JournalWhy {
  if (reason === 'IpNotAllowed') {
    const { 'nearest-list': allowed = '', 'source-hidden': hidden } = facts;
    return { cause: 'address-not-allowed', facts: { allowed, 'source-hidden': hidden } };
  }
  return {
    cause: 'challenge-unanswered',
    facts: {
      fault,
      challenges: facts.challenges,
      sent: facts.sent,
      expected: facts.expected,
      SS_AUTHCHALLENGEMODE: facts.SS_AUTHCHALLENGEMODE,
      'agent-answers': facts['agent-answers'],
      'agent-habit': facts['agent-habit'],
    },
  };
}

function silenceOf(blockedForMs: number): JournalWhy<'black-listed' | 'not-answered'> {
  return { cause: blockedForMs > 0 ? 'black-listed' : 'not-answered', facts: {} };
}

function causeOf(decision: Decision): JournalWhy | undefined {
  switch (decision.kind) {
    case 'challenged-again':
    case 'password-not-proved':
      return wrongCredentials(decision.facts);
    case 'terminal-suspended': {
      const { facts } = decision;
      return {
        cause: 'suspended',
        facts: {
          'suspended-until': facts['suspended-until'],
          failures: facts.failures,
          SS_AUTHENTICATION_MAX_RETRY: facts.SS_AUTHENTICATION_MAX_RETRY,
          fault: facts.cause,
          'last-source': facts['last-source'],
          explanation: facts.explanation,
        },
      };
    }
    case 'address-foreign':
      return { cause: 'address-not-allowed', facts: { allowed: decision.facts.allowed } };
    case 'address-hidden': {
      const { allowed, 'source-hidden': hidden } = decision.facts;
      return { cause: 'address-not-allowed', facts: { allowed, 'source-hidden': hidden } };
    }
    case 'method-not-permitted':
      return { cause: 'not-dynamic', facts: {} };
    case 'certificate-foreign': {
      const { allowed, shown } = decision.facts;
      return { cause: 'certificate-not-allowed', facts: { shown, allowed } };
    }
    default:
      return undefined;
  }
}

function wrongCredentials(
  facts: Decision<'challenged-again' | 'password-not-proved'>['facts'],
): JournalWhy {
  const {
    cause: fault,
    explanation,
    SS_SIP_AUTHENTICATION_RETRY,
    SS_AUTHENTICATION_MAX_RETRY,
    failures,
  } = facts;
  const limits = {
    'wrong-answers': facts['wrong-answers'],
    SS_SIP_AUTHENTICATION_RETRY,
    failures,
    SS_AUTHENTICATION_MAX_RETRY,
  };
  switch (fault) {
    case 'wrong password':
      return { cause: 'wrong-password', facts: limits };
    case 'unknown user':
      return { cause: 'unknown-user', facts: { ...limits, explanation } };
    default:
      return { cause: 'wrong-credentials', facts: { fault, ...limits, explanation } };
  }
}

/** "phone 1001", "unknown-user 4711", "phone 1001 at 192.0.2.7"; '': nobody was looked for, and the request names itself. */
function subjectIn(subject: string, named: string): { isKnown: boolean; name: string } {
  if (subject === '') return { isKnown: false, name: named };
  const space = subject.indexOf(' ');
  const at = subject.lastIndexOf(' at ');
  return {
    isKnown: subject.slice(0, space) !== 'unknown-user',
    name: subject.slice(space + 1, at === -1 ? undefined : at),
  };
}
