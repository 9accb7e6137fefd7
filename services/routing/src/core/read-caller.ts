import { bareNumber, decided, hasIdentityTerm, readNumber } from '@tandem/domain';
import type { DecisionRecord, FactsOf } from '@tandem/domain';
import type { ReceivedIdentity } from '@tandem/proto/routing';
import { parseNameAddr, SipParseError, userOf } from '@tandem/sip';
import type { AccountEntry, CallerTerms } from './routing-tables.ts';

/** Whom a call is from, as far as numbers say (CALL-12). */
export interface CallerReading {
  /** The number that the switch vouches for; '' where there is none. */
  readonly asserted: string;
  /** The same before the rules of the calling side (ROUTE-10). */
  readonly received: string;
  /** The caller's side is trusted and gave it: it is the caller's number in all that the switch does. */
  readonly isReceived: boolean;
  /** RFC 3323 §5: the caller wants privacy that the far side alone can give, or no call: only trusted gateways will do. */
  readonly needsTrust: boolean;
  readonly privacy: string;
  readonly decisions: readonly DecisionRecord[];
  /** Why the call is refused, if it is. */
  readonly refusal: DecisionRecord | undefined;
}

/** What is known of who calls before the identity headers are looked at. */
export interface Caller {
  /** The number in From, read; '' where there is none. */
  readonly from: string;
  readonly identity: ReceivedIdentity | undefined;
  /** Of the phone or mapping gateway that calls. */
  readonly origin: { readonly subject: string; readonly caller: CallerTerms };
  readonly account: Pick<AccountEntry, 'owned' | 'callerId'>;
  readonly nowMs: number;
  /** What rules make of a number that a header names; '' for none. @default itself */
  readonly rewrite?: ((number: string) => string) | undefined;
}

const ANONYMOUS = 'anonymous';
const DIGITS = /^\+?\d+$/;
/** Values of one header that are looked at: RFC 3325 §9.1 allows two. */
const MOST_VALUES = 4;
/** A privacy service is asked for more than to withhold the caller's number. */
const RESTRICTING: ReadonlySet<string> = new Set(['id', 'user', 'header']);

const nobodySays: ReceivedIdentity = { asserted: [], preferred: [], remoteParty: [], privacy: '' };

/**
 * Decides which number stands for the caller: that of a trusted side's P-Asserted-Identity or Remote-Party-ID; of another
 * one the preferred one where the account owns it, else the configured one (RFC 3325 §5, §6).
 */
export function readCaller(caller: Caller): CallerReading {
  const { identity = nobodySays, origin, from } = caller;
  if (caller.identity === undefined && isPlain(caller)) return plainCaller;
  const privacy = privacyOf(identity, origin.caller);
  const found = foundNumber(caller, identity);
  const decisions = [...found.decisions];
  const values = new Set(privacy.split(';'));
  if (found.number !== '') {
    const facts = { by: found.by, from: from === '' ? ANONYMOUS : from, privacy: said(privacy) };
    const subject = `caller ${found.number}`;
    decisions.push(decided('caller-asserted', { subject, facts, atMs: caller.nowMs }));
  }
  const refusal = anonymityRefusal(caller, { values, number: found.number, privacy });
  return {
    asserted: found.number,
    received: found.received,
    isReceived: found.number !== '' && (found.by === 'pai' || found.by === 'rpid'),
    needsTrust: values.has('critical') && values.has('session'),
    privacy,
    decisions,
    refusal,
  };
}

/** Of a caller of whom nothing is said but From. */
export const plainCaller: CallerReading = {
  asserted: '',
  received: '',
  isReceived: false,
  needsTrust: false,
  privacy: '',
  decisions: [],
  refusal: undefined,
};

/** Whether nothing is configured that could make a number of nothing. */
function isPlain({ account, origin: { caller } }: Caller): boolean {
  return (
    caller.anonymous === 'allow' &&
    caller.callerId === undefined &&
    account.callerId === undefined &&
    account.owned === undefined
  );
}

interface Found {
  readonly number: string;
  /** Before rules. */
  readonly received: string;
  readonly by: FactsOf<'caller-asserted'>['by'];
  readonly decisions: readonly DecisionRecord[];
}

function foundNumber(caller: Caller, identity: ReceivedIdentity): Found {
  const { terms } = caller.origin.caller;
  const decisions: DecisionRecord[] = [];
  const isTrusted = hasIdentityTerm(terms, 'trusted');
  for (const by of ['pai', 'rpid'] as const) {
    const values = by === 'pai' ? identity.asserted : callingParties(identity.remoteParty);
    if (values.length === 0) continue;
    const [received, number] = firstNumber(values, caller.rewrite);
    const isTaken = isTrusted && hasIdentityTerm(terms, by);
    if (isTaken && number !== '') return { number, received, by, decisions };
    const cause = isTaken ? 'it holds no number' : notTaken(caller, isTrusted);
    decisions.push(notTakenDecision(caller, { header: headerNames[by], cause }));
  }
  if (isTrusted) return { number: '', received: '', by: 'callerId', decisions };
  const [received, preferred] = firstNumber(identity.preferred, caller.rewrite);
  if (preferred !== '') {
    if (owns(caller.account, preferred)) {
      return { number: preferred, received, by: 'ppi', decisions };
    }
    const cause = `${preferred} is not among the numbers of the account`;
    decisions.push(notTakenDecision(caller, { header: headerNames.ppi, cause }));
  }
  if (DIGITS.test(caller.from) && owns(caller.account, caller.from)) {
    return { number: caller.from, received: caller.from, by: 'from', decisions };
  }
  const number = caller.origin.caller.callerId ?? caller.account.callerId ?? '';
  return { number, received: number, by: 'callerId', decisions };
}

const headerNames = {
  pai: 'P-Asserted-Identity',
  rpid: 'Remote-Party-ID',
  ppi: 'P-Preferred-Identity',
} as const;

function notTaken({ origin }: Caller, isTrusted: boolean): string {
  return isTrusted
    ? `it is not among identity.headers of ${origin.subject}`
    : `${origin.subject} is not trusted`;
}

function notTakenDecision(
  { origin, nowMs }: Caller,
  facts: FactsOf<'identity-not-taken'>,
): DecisionRecord {
  return decided('identity-not-taken', { subject: origin.subject, facts, atMs: nowMs });
}

/** RFC 5079, by the setting of who calls. */
function anonymityRefusal(
  { origin, from, nowMs }: Caller,
  {
    values,
    number,
    privacy,
  }: { readonly values: ReadonlySet<string>; readonly number: string; readonly privacy: string },
): DecisionRecord | undefined {
  const { anonymous } = origin.caller;
  if (anonymous === 'allow') return undefined;
  const isWithheld = isAnonymous(from) || [...RESTRICTING].some((value) => values.has(value));
  const isNameless = isAnonymous(from) && number === '';
  if (anonymous === 'refuse' ? !isWithheld : !isNameless) return undefined;
  const facts = { anonymous, privacy: said(privacy) };
  return decided('anonymity-refused', { subject: origin.subject, facts, atMs: nowMs });
}

/** Whether From names nobody (RFC 3323 §4.1.1.3). */
export function isAnonymous(from: string): boolean {
  return from === '' || from.toLowerCase() === ANONYMOUS;
}

/** Whether a number is within a range that the account owns. */
export function owns({ owned }: Pick<AccountEntry, 'owned'>, number: string): boolean {
  return owned !== undefined && owned.matches(bareNumber(number)).length > 0;
}

/** The first that is a number of digits, and what rules make of it, or '': of names none is one that carriers know. */
function firstNumber(
  values: readonly string[],
  rewrite = (number: string): string => number,
): readonly [received: string, number: string] {
  for (const value of values.slice(0, MOST_VALUES)) {
    const uri = uriOf(value);
    const reading = uri === undefined ? undefined : readNumber(userOf(uri));
    if (reading?.kind !== 'number' || !DIGITS.test(reading.number)) continue;
    return [reading.number, rewrite(reading.number)];
  }
  return ['', ''];
}

function uriOf(value: string): string | undefined {
  return nameAddr(value)?.uri;
}

function nameAddr(value: string): ReturnType<typeof parseNameAddr> | undefined {
  try {
    return parseNameAddr(value);
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** Remote-Party-ID of the caller that its sender has screened: `screen=no` says that nobody vouches for it. */
function callingParties(values: readonly string[]): string[] {
  return values.filter((value) => {
    const params = nameAddr(value)?.params;
    const party = params?.get('party') ?? 'calling';
    return params !== undefined && party === 'calling' && params.get('screen') !== 'no';
  });
}

/** Values of Privacy, and `id` where a Remote-Party-ID that counts wants the number kept. */
function privacyOf(identity: ReceivedIdentity, { terms }: CallerTerms): string {
  const values = new Set(
    identity.privacy
      .toLowerCase()
      .split(/[;,]/)
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  );
  const isRpidTaken = hasIdentityTerm(terms, 'trusted') && hasIdentityTerm(terms, 'rpid');
  for (const value of isRpidTaken ? callingParties(identity.remoteParty) : []) {
    const wanted = nameAddr(value)?.params.get('privacy');
    if (typeof wanted === 'string' && /^(full|uri)/i.test(wanted)) values.add('id');
  }
  return [...values].join(';');
}

function said(privacy: string): string {
  return privacy === '' ? 'none' : privacy;
}
