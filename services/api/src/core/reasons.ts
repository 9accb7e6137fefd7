import type { RefusalReason, TerminationReason } from '@tandem/domain';
import type { FactReader } from './fact-reader.ts';

/** How a termination reason is told: why it came to that, and what would change it. */
interface Telling {
  readonly why: (facts: FactReader) => string;
  readonly change: (facts: FactReader) => string;
}

/** Every reason with which the switch itself refuses, told with the values that decided (OPS-09). */
export const tellings: Readonly<
  Record<RefusalReason | 'Rejected' | 'SessionExpired' | 'DurationLimit' | 'Lost', Telling>
> = {
  AccountLocked: {
    why: (f) => `${f.who('the account')} is locked`,
    change: (f) =>
      `Set status: active for ${f.who('the account')} in the configuration and apply it.`,
  },
  AccountExpired: {
    why: (f) =>
      `${f.who('the account')} is past its validity date${f.when(['valid-until', 'validUntil'], (v) => `, which was ${v}`)}`,
    change: (f) =>
      `Set a later validUntil for ${f.who('the account')} in the configuration and apply it.`,
  },
  IpNotAllowed: {
    why: (f) =>
      f.get('source-hidden') === 'yes'
        ? `the network in front of the switch hides where clients send from, so the address ${f.get('source') ?? 'of the request'} does not prove that it is ${f.who('the mapping gateway')}${f.when(['mode'], (v) => ` (mode ${v})`)}`
        : `the request came from ${f.get('source') ?? 'an address'}, which is not in the list of ${f.who('any mapping gateway')}${f.when(['allowed'], (v) => ` (${v})`)}`,
    change: (f) =>
      f.get('source-hidden') === 'yes'
        ? `Let the network keep the source address (docs/networking.md, tandem network shows what was found), or give ${f.who('the mapping gateway')} mode: password.`
        : `Add ${f.get('source') ?? 'the address'} to authentication.addresses of ${f.who('the mapping gateway')}, if the call should be let in.`,
  },
  CallNotPermitted: {
    why: (f) =>
      `${f.who('the origin')} may not make calls of this type${f.when(['cause', 'type'], (v) => ` (${v})`)}`,
    change: (f) => `Permit this type of call for ${f.who('the origin')} in the configuration.`,
  },
  InsufficientBalance: {
    why: (f) =>
      `${f.who('the account')} has ${f.get('balance') ?? 'no balance left'} and an overdraft of ${f.get('overdraft') ?? '0'}${leastOf(f)}`,
    change: (f) =>
      `Book a payment (tandem accounts pay ${nameOf(f, 'ACCOUNT')} AMOUNT --reference R) or raise the overdraft of ${f.who('the account')}.`,
  },
  NoRate: {
    why: (f) =>
      `rate group ${f.get('rate-group', 'group') ?? nameOf(f, 'of the account')} has no rate for ${calleeOf(f)}`,
    change: (f) =>
      `Add a rate to rate group ${f.get('rate-group', 'group') ?? nameOf(f, 'of the account')} whose prefix is the beginning of ${calleeOf(f)}.`,
  },
  LineLimitExceeded: {
    why: (f) =>
      `${f.who('the origin')} has a line limit of ${f.get('limit', 'line-limit') ?? 'its configuration'} and all of these lines are in use${f.when(['holders', 'held-by'], (v) => ` (by ${v})`)}`,
    change: (f) =>
      `Raise lineLimit of ${f.who('the origin')}, or wait until one of its calls ends (tandem lines shows them).`,
  },
  AuthenticationFailed: {
    why: (f) =>
      `${f.who('the terminal')} did not prove who it is: ${f.get('cause') ?? 'wrong credentials'}${f.when(['wrong-answers'], (v) => `, ${v} wrong answers`)}${limitOf(f)}`,
    change: (f) =>
      `Make username, password and realm of ${f.who('the terminal')} the same at its side and in the configuration.`,
  },
  Suspended: {
    why: (f) =>
      `${f.who('the terminal')} is suspended${f.when(['suspended-until'], (v) => ` until ${v}`)} after ${f.get('failures') ?? 'too many'} failures${f.when(['SS_AUTHENTICATION_MAX_RETRY'], (v) => ` (SS_AUTHENTICATION_MAX_RETRY ${v})`)}${f.when(['cause'], (v) => `: ${v}`)}`,
    change: (f) =>
      `Correct the password at its side, then wait${f.when(['suspended-until'], (v) => ` until ${v}`)} or lift it: tandem suspensions lift "${f.get('terminal') ?? rawSubject(f)}".`,
  },
  UserNotFound: {
    why: (f) =>
      f.get('cause') === undefined
        ? `${calleeOf(f)} is no user here, and no gateway takes it`
        : `${calleeOf(f)} cannot be called: ${f.get('cause') ?? ''}`,
    change: () => 'Correct the called number, or add a phone or a routing gateway for it.',
  },
  NotRegistered: {
    why: (f) => `${calleeOf(f)} is a phone here, but it is not registered and no gateway takes it`,
    change: () => 'Let the called phone register.',
  },
  NoAvailableRouter: {
    why: (f) => `no routing gateway has a prefix that matches ${calleeOf(f)}`,
    change: (f) =>
      `Add a prefix that is the beginning of ${calleeOf(f)} to a routing gateway, or correct the number.`,
  },
  AllGatewayBusy: {
    why: () => 'every routing gateway for the called number was passed over',
    change: () =>
      'Raise the line limits that are reached, set lock: none, or add another gateway for the prefix.',
  },
  AccountBalanceNotEnough: {
    why: () => 'every vendor for the called number is locked or out of funds',
    change: () => 'Pay or unlock a vendor, or add a gateway of another one for the prefix.',
  },
  InviteTimeout: {
    why: (f) =>
      `${f.who('the gateway')} sent nothing at all${waited(f)}${f.when(['address'], (v) => ` from ${v}`)}`,
    change: (f) =>
      `See whether ${f.get('address') ?? 'the gateway'} is up and can be reached from here; ${timerOf(f, 'SS_SIP_TIMEOUT_INVITE')}, or the gateway's own timers, say how long to wait.`,
  },
  GatewayTimeout: {
    why: (f) =>
      `${f.who('the gateway')} answered provisionally and then nothing more came${waited(f)}`,
    change: (f) =>
      `The callee did not answer in time; ${timerOf(f, 'SS_SIP_TIMEOUT_RINGING')}, or the gateway's own timers, say how long to wait.`,
  },
  BadGateway: {
    why: (f) =>
      `${f.who('the gateway')} could not be used: ${f.get('cause', 'error') ?? brokenBy(f)}${f.when(['address'], (v) => ` (${v})`)}`,
    change: (f) =>
      (f.get('cause') ?? '').includes('credentials') || f.get('username') !== undefined
        ? `Make username and password of ${f.who('the gateway')} what the carrier expects.`
        : `See whether ${f.who('the gateway')} is up and speaks SIP at ${f.get('address') ?? 'its address'}.`,
  },
  CallerCancelled: {
    why: (f) =>
      `the caller gave up${f.when(['after-ms'], (v) => ` after ${secondsOf(v)}`)}${f.when(['rang'], (v) => (v === 'yes' ? ' while it was ringing' : ' before it rang'))}`,
    change: () => 'Nothing on this side: the caller ended the call before it was answered.',
  },
  Overload: {
    why: (f) => `the switch was past its capacity${f.when(['limit'], (v) => ` (limit ${v})`)}`,
    change: () => 'Add an edge, or let the callers repeat the call later.',
  },
  ServiceUnavailable: {
    why: (f) =>
      f.get('balance') === 'not known yet'
        ? `the live balance of ${f.who('the account')} is not known yet`
        : `a part of the switch that the call needs was away${f.subject === '' ? '' : ` (${f.subject})`}${f.when(['error', 'cause'], (v) => `: ${v}`)}`,
    change: (f) =>
      f.get('balance') === 'not known yet'
        ? 'See whether billing runs: it writes the balances of all accounts at its start.'
        : 'Bring it back: its log says why it went. Calls that exist are not concerned.',
  },
  CpsLimitExceeded: {
    why: (f) =>
      `${f.who('the origin')} made more calls per second than ${f.get('limit') ?? 'its limit'}`,
    change: (f) => `Raise the limit of ${f.who('the origin')}, or let it call more slowly.`,
  },
  TooManyHops: {
    why: () => 'the request had passed as many hops as Max-Forwards allows',
    change: () => 'Look for a routing loop between this switch and its neighbours.',
  },
  BadRequest: {
    why: (f) =>
      `the request was malformed${f.when(['cause', 'error', 'problem'], () => (f.subject === '' ? '' : ` (${f.subject})`))}${f.when(['cause', 'error', 'problem'], (v) => `: ${v}`)}`,
    change: () => 'Correct the sender; the SIP message is at fault.',
  },
  Rejected: {
    why: (f) =>
      `${f.who('the callee')} answered ${f.get('code') ?? 'with a refusal'}${f.when(['phrase', 'text'], (v) => ` ${v}`)}`,
    change: () =>
      "That is the callee's or the carrier's own answer; a code that should lead to the next gateway must not be in stopCodes.",
  },
  SessionExpired: {
    why: () =>
      'neither side refreshed the session or answered a probe, so it was billed to the last proof of life',
    change: () =>
      'See whether both ends and the way to them were up; SS_SIP_SESSION_TTL says how long a silent call is kept.',
  },
  DurationLimit: {
    why: (f) =>
      `it had lasted as long as it may${f.when(['limit', 'seconds'], (v) => ` (${v} s)`)}`,
    change: () =>
      'Raise what limits it: the balance of the account at its rate, or the longest duration that is configured.',
  },
  Lost: {
    why: () => 'nobody owned the call any more; it was billed to the last proof of life',
    change: () => 'See why the edges that held it went away.',
  },
};

/** Whether this table tells a reason that came from another service. */
export function isTold(reason: string): reason is keyof typeof tellings & TerminationReason {
  return Object.hasOwn(tellings, reason);
}

/** Connection fee and first increment, which the money must cover; '' where a call costs nothing. */
function leastOf(f: FactReader): string {
  const least = f.get('costs-at-least') ?? '0';
  if (least === '0') return '';
  const first = `first ${f.get('first-increment') ?? '?'} s at ${f.get('price-per-minute') ?? '?'} a minute`;
  return `, and the call costs at least ${least} (connection fee ${f.get('connection-fee') ?? '0'}, ${first})`;
}

function brokenBy(f: FactReader): string {
  const code = f.get('code');
  return code === undefined ? 'the connection broke' : `it answered ${code}`;
}

function limitOf(f: FactReader): string {
  const decidedBy = f.get('decided-by');
  return decidedBy === undefined
    ? ''
    : `; the limit is ${decidedBy}${f.when([decidedBy], (v) => ` ${v}`)}`;
}

function waited(f: FactReader): string {
  const timer = f.get('timer');
  const after = f.get('waited-ms');
  const within = after === undefined ? '' : ` within ${secondsOf(after)}`;
  return timer === undefined ? within : `${within} (${timer})`;
}

function timerOf(f: FactReader, otherwise: string): string {
  return f.get('timer') ?? otherwise;
}

function secondsOf(ms: string): string {
  const value = Number(ms);
  return Number.isNaN(value) ? ms : `${String(Math.round(value / 100) / 10)} s`;
}

/** The called number, which stands in a fact or is what the decision is about. */
function calleeOf(f: FactReader): string {
  return f.get('callee', 'number') ?? /^callee (.+)$/.exec(f.subject)?.[1] ?? 'the called number';
}

/** "demo" of "account demo". */
function nameOf(f: FactReader, otherwise: string): string {
  return f.subject === '' ? otherwise : (f.subject.split(' ').at(-1) ?? otherwise);
}

/** "mapping-gateway demo-trunk" again, as commands take it. */
function rawSubject(f: FactReader): string {
  const words = f.subject.split(' ');
  const name = words.pop() ?? '';
  return `${words.join('-')} ${name}`.trim();
}
