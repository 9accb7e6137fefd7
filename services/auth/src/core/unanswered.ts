import { decided, type DecisionRecord } from '@tandem/domain';
import type { NewFailure, UnansweredChallenge } from '../ports.ts';
import type { Attempt } from './attempt.ts';
import type { AuthConfiguration } from './auth-configuration.ts';
import { challengeCode, challengeHeaders } from './challenge.ts';
import { formatSource, listSome, nameOfUnknown, subjectOf } from './decisions.ts';
import { isInPlace } from './origins.ts';
import type { Origins } from './origins.ts';
import { HIDDEN_PLACE } from './place.ts';
import type { Terminal } from './terminal.ts';

/** What became of a challenge that nobody answered, told by the configuration of now (AUTH-14, AUTH-15). */
export function concludeUnanswered(
  challenge: UnansweredChallenge,
  configuration: AuthConfiguration,
  atMs: number,
): NewFailure {
  const { terminal, attempt, cycles } = challenge;
  const { terms, agents } = configuration;
  const mode = terms.challengeMode;
  const end = endOf(challenge);
  const unknown = nameOfUnknown(terminal.user);
  // A registration is let in by no address.
  const isOfTrunk = attempt.method !== 'REGISTER';
  const isUnlisted = unknown !== undefined && isOfTrunk;
  const isForeign = isUnlisted || phoneElsewhere(configuration, challenge) !== undefined;
  const reason = isForeign ? 'IpNotAllowed' : 'ChallengeUnanswered';
  const answers = agents.answerOf(attempt.userAgent);
  const decision = decided('challenge-unanswered', {
    subject: terminal.user,
    reason,
    facts: {
      'led-to': end,
      challenges: cycles,
      method: attempt.method,
      source: formatSource(attempt),
      SS_AUTHCHALLENGEMODE: mode,
      code: challengeCode(mode, attempt.method),
      SS_SIP_AUTHENTICATION_TIMEOUT: `${String(terms.timeoutMs / 1000)} s`,
      sent: sentOf(challenge, configuration.settings.nonceLifetimeMs),
      expected: challengeHeaders[mode],
      'user-agent': attempt.userAgent === '' ? undefined : attempt.userAgent,
      'agent-answers': answers,
      'agent-habit': agents.habitOf(attempt.userAgent),
      ...(isForeign || isOfTrunk ? placeFacts(configuration, challenge) : {}),
    },
    atMs,
  });
  return { terminal, cause: challengeEnds[end], reason, decision };
}

/** AUTH-14: nobody lists the address, and such are refused at once. */
export function unknownSource(
  configuration: AuthConfiguration,
  attempt: Attempt,
  { terminal, atMs }: { readonly terminal: Terminal; readonly atMs: number },
): DecisionRecord {
  return decided('source-unknown', {
    subject: terminal.user,
    facts: {
      SS_UNKNOWN_SOURCE: 'refuse',
      source: formatSource(attempt),
      ...placeFacts(configuration, { attempt, terminal }),
    },
    atMs,
  });
}

type End = keyof typeof challengeEnds;

/** AUTH-15: how a challenge leads nowhere, as it is told. */
export const challengeEnds = {
  'never-answered': 'challenge never answered',
  'sent-again': 'sent again without credentials',
  unreadable: 'credentials that cannot be read',
  'nonce-not-good': 'nonce not good, and the fresh one never answered',
  loop: 'loop of challenges',
} as const;

/** AUTH-15: more than two is a loop. */
const MOST_CYCLES = 2;

function endOf({ attempt, cycles, stale }: UnansweredChallenge): End {
  if (cycles > MOST_CYCLES) return 'loop';
  if (stale !== undefined) return 'nonce-not-good';
  if (attempt.lack.startsWith('credentials ')) return 'unreadable';
  return cycles > 1 ? 'sent-again' : 'never-answered';
}

function sentOf({ attempt, stale }: UnansweredChallenge, lifetimeMs: number): string {
  if (stale === undefined) return attempt.lack;
  if (stale !== 'unknown-nonce') return staleWords[stale];
  return `${staleWords[stale]} (one is good for ${String(lifetimeMs / 1000)} s, TANDEM_AUTH_NONCE_SECONDS)`;
}

/** AUTH-04: why a nonce was not good. */
export const staleWords = {
  replayed: 'a nonce count that was used before',
  'unknown-nonce': 'a nonce that is unknown or past its time',
  'other-place': 'a nonce that another source was given',
  'other-realm': 'a nonce of another realm',
  'worn-out': 'a nonce that was used for as many requests as it serves',
} as const;

/** Whose request it is said to be, and where it came from. */
interface Said {
  readonly terminal: Terminal;
  readonly attempt: Pick<Attempt, 'address' | 'call'>;
}

/** The phone that it is said to be, where that may not be there (REG-10). */
function phoneElsewhere({ origins }: AuthConfiguration, { attempt, terminal }: Said) {
  const { place, user } = terminal;
  const phone = origins.byUsername(user.slice(user.indexOf(' ') + 1));
  if (phone === undefined || subjectOf(phone) !== user) return undefined;
  const from = { sourceAddress: attempt.address, sourceHidden: place === HIDDEN_PLACE };
  return isInPlace(phone, from) ? undefined : phone;
}

interface PlaceFacts {
  readonly 'nearest-gateway'?: string;
  readonly 'nearest-list'?: string;
  readonly 'source-hidden'?: 'yes';
  readonly 'sent-by'?: string;
}

/** What is known of where it came from: whether that proves anything (CALL-07), and in whose list it should have been. */
function placeFacts(configuration: AuthConfiguration, said: Said): PlaceFacts {
  const { attempt, terminal } = said;
  const { sentBy } = attempt.call;
  const facts = nearestFacts(configuration, said);
  const listed = listedAs(configuration.origins, sentBy);
  return {
    ...facts,
    ...(terminal.place === HIDDEN_PLACE ? { 'source-hidden': 'yes' } : {}),
    ...(listed === undefined ? {} : { ...listed, 'sent-by': sentBy }),
  };
}

/** The gateway in whose list the address of the Via stands, as it would where nothing on the way had put another in its place. */
function listedAs(origins: Origins, sentBy: string): PlaceFacts | undefined {
  const match = sentBy === '' ? undefined : origins.bySource({ address: sentBy, port: 0 });
  if (match === undefined || match.kind === 'unknown') return undefined;
  const { origin } = match;
  return { 'nearest-gateway': subjectOf(origin), 'nearest-list': listSome(origin.addresses) };
}

/**
 * The phone that may not be there; else the gateway that the name is of, though it is known by its address; else that with the list
 * which comes nearest.
 */
function nearestFacts(configuration: AuthConfiguration, said: Said): PlaceFacts {
  const phone = phoneElsewhere(configuration, said);
  if (phone?.places !== undefined) {
    return {
      'nearest-gateway': subjectOf(phone),
      'nearest-list': listSome(phone.places.addresses),
    };
  }
  const { origins } = configuration;
  const name = nameOfUnknown(said.terminal.user);
  const gateway =
    (name === undefined ? undefined : origins.byName(name)) ??
    origins.nearest(said.attempt.address);
  if (gateway === undefined) return {};
  return {
    'nearest-gateway': subjectOf(gateway),
    'nearest-list': listSome(gateway.addresses),
  };
}
