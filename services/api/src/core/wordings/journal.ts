import { seconds } from './wording.ts';
import type { JournalCause, JournalFacts, JournalWhy } from '@tandem/domain';
import {
  remedyOfFault,
  remedyOfHiddenSource,
  remedyOfSent,
  remedyOfSilence,
} from './credential-remedies.ts';
import { remedyOfMalformed } from './registration-remedies.ts';
import { knownOf, remedyOfHabit } from './agents.ts';
import { awayPart, nameOfPart } from './parts.ts';
import { operationWordings } from './operation.ts';
import { requestWordings } from './request.ts';

/** What happened, without a full stop; and what would change it, as whole sentences; null where nothing need. */
export interface JournalWording {
  readonly why: string;
  readonly change: string | null;
}

/** What sentences say of an entry besides its facts. */
export interface Told {
  /** "phone 1001" */
  readonly phone: string;
  /** " from 192.0.2.7:5060", or nothing. */
  readonly from: string;
  /** ", 5 times within a minute", or nothing. */
  readonly times: string;
  /** The address alone; '' where there are several. */
  readonly host: string;
  /** The numbers of the last one, as far as they could be read. */
  readonly caller: string;
  readonly callee: string;
  /** It stands for many, of several names: what it says of a name is of the last one. */
  readonly isGathered: boolean;
  /** User-Agent of the last one. */
  readonly agent: string;
  /** The pod that wrote it. */
  readonly writer: string;
}

/** A sentence for each of these causes. */
export type WordingsOf<Causes extends JournalCause> = {
  readonly [Name in Causes]: (why: JournalWhy<Name>, told: Told) => JournalWording;
};

/** REG-11: a sentence for every cause there is: one without does not compile. */
export const journalWordings: WordingsOf<JournalCause> = {
  registered: ({ facts }, { from, phone, times }) =>
    fine(
      `${phone} registered${from}: ${facts.contact} over ${facts.transport} for ${String(facts.expires)} s${facts['behind-nat'] === 'yes' ? ', behind NAT' : ''}${times}`,
    ),
  moved: ({ facts }, { from, phone, times }) =>
    fine(
      `${phone} is reached at ${facts.contact}${from} now, and was at ${facts['contact-before']} from ${facts['source-before']}${times}`,
    ),
  refreshed: (_, { phone }) => fine(`${phone} refreshed its registration`),
  asked: (_, { phone }) => fine(`${phone} asked for its registrations`),

  'wrong-password': ({ facts }, { from, phone, times }) => ({
    why: `${phone} sent a wrong password${from}${times}${limits(facts)}`,
    change: `Make the password of ${phone} the same in the phone and in the configuration.`,
  }),
  'unknown-user': ({ facts }, { from, isGathered, phone, times }) => ({
    why: `no ${phone.startsWith('phone') ? phone : 'phone of these names'} is configured: a registration${from} was refused${sentAndExpected(facts)}${times}${limits(facts)}`,
    change:
      facts.explanation === undefined
        ? `If it is one of yours, correct the user name in the phone, or configure ${isGathered ? 'a phone of that name' : phone}; if it is a stranger, nothing need be done (\`tandem blacklist\` shows whom it lists).`
        : remedyOfFault('unknown user', phone, facts.explanation),
  }),
  'wrong-credentials': ({ facts }, { from, phone, times }) => ({
    why: `${phone} answered the challenge wrongly${from}: ${facts.fault}${sentAndExpected(facts)}${times}${limits(facts)}`,
    change: remedyOfFault(facts.fault, phone, facts.explanation),
  }),
  'address-not-allowed': ({ facts }, { from, host, phone, times }) => {
    const isHidden = facts['source-hidden'] === 'yes';
    const hidden = 'the network in front of the switch hides where clients send from, so that no address proves anything'; // prettier-ignore
    return {
      why: `${phone} may not register${from}: ${isHidden ? hidden : `its addresses are ${facts.allowed}`}${times}`,
      change: isHidden
        ? remedyOfHiddenSource(phone)
        : `Add the address${host === '' ? '' : ` ${host}`} to those of ${phone} in the configuration (addresses), or have it register from one of them.`,
    };
  },
  'certificate-not-allowed': ({ facts }, { from, phone, times }) => ({
    why: `${phone} showed ${facts.shown === '' ? 'no certificate' : `a certificate for ${facts.shown}`}${from}, and needs one for ${facts.allowed}${times}`,
    change: `Give ${phone} a certificate for one of these names, or change certificateNames in the configuration.`,
  }),
  suspended: ({ facts }, { from, isGathered, phone, times }) => ({
    why: `${phone} ${isGathered ? 'are' : 'is'} suspended until ${facts['suspended-until']} after ${String(facts.failures)} failures (SS_AUTHENTICATION_MAX_RETRY ${String(facts.SS_AUTHENTICATION_MAX_RETRY)}), the last one from ${facts['last-source']}: ${facts.fault}${sentAndExpected(facts)}; it tried${from}${times}`,
    change: isGathered
      ? `${remedyOfFault(facts.fault, 'each of them', facts.explanation)} Then wait, or lift it: \`tandem suspensions\` lists who is suspended.`
      : `${remedyOfFault(facts.fault, phone, facts.explanation)} Then wait until ${facts['suspended-until']}, or lift it: \`tandem suspensions lift "${phone}"\`.`,
  }),
  'challenge-unanswered': ({ facts }, { from, phone, times }) => ({
    why: `${phone} sent a REGISTER${from} with ${facts.sent}, and it led nowhere: ${facts.fault} (${String(facts.challenges)} challenged; expected: ${facts.expected}, by SS_AUTHCHALLENGEMODE ${String(facts.SS_AUTHCHALLENGEMODE)})${softwareOf(facts)}${times}`,
    change:
      remedyOfSent(facts.sent, phone) ??
      remedyOfHabit(facts['agent-habit']) ??
      `Give ${phone} its user name and password, and have it answer challenges.`,
  }),
  'not-dynamic': (_, { from, phone, times }) => ({
    why: `${phone} proved itself${from}, and is a gateway that is not set up to register${times}`,
    change: `Give it a registration in the configuration (registration: {}), if it is to register.`,
  }),
  'black-listed': ({ facts }, { from, host, phone, times }) => ({
    why: `${phone} got no answer${from}: the address is black-listed${because(facts)}${times}`,
    change:
      facts.explanation?.includes('security.deny') === true
        ? remedyOfSilence('source denied', host)
        : remedyOfSilence('source black-listed', host === '' ? 'the address' : host),
  }),
  'not-answered': ({ facts }, { from, phone, times }) => ({
    why: `${phone} got no answer${from}: whoever is not known gets none (${facts.explanation ?? 'SS_REPLY_UNAUTHORIZED Off'})${times}`,
    change: `If it is one of yours, correct the user name in the phone, or configure ${phone}.`,
  }),
  'expiry-too-short': ({ facts }, { from, phone, times }) => ({
    why: `${phone} asked${from} for ${String(facts.asked)} s, and ${String(facts.SS_ENDPOINT_EXPIRE_MIN)} s are the least (SS_ENDPOINT_EXPIRE_MIN, or registration.minExpires of the phone)${times}`,
    change: `Set the time of registration in the phone to ${String(facts.SS_ENDPOINT_EXPIRE_MIN)} s or more, or lower the least one.`,
  }),
  'bindings-full': ({ facts }, { from, phone, times }) => ({
    why: `${phone} may have ${devices(facts.SERVER_REGISTRAR_MAX_BINDINGS)} (SERVER_REGISTRAR_MAX_BINDINGS, or registration.maxBindings of the phone), and has ${facts.registered}: ${facts.contact}${from} was refused${times}`,
    change: `Let it have more devices, or set SS_ENDPOINT_REGISTER_REPLACE to 1, so that a new one takes the place of the oldest; or unregister one: \`tandem registrations\` lists them, tandem registrations remove does it.`,
  }),
  'out-of-order': ({ facts }, { from, phone, times }) => ({
    why: `${phone} sent a request${from} that is older than one that was done: ${facts.fault}${times}`,
    change: 'It comes from the network or from a fault of the phone; restarting the phone helps.',
  }),
  malformed: ({ facts }, { from, phone, times }) => ({
    why: `${phone} sent a REGISTER${from} that cannot be followed: ${facts.fault}${times}`,
    change: remedyOfMalformed(facts.fault, phone),
  }),
  'foreign-registration': ({ facts }, { from, phone, times }) => ({
    why: `${phone} wanted to register ${facts.for}${from}, and may register itself alone${times}`,
    change: `Make the user of the address of record (To) the same as the user name, ${phone}, in the phone.`,
  }),
  'not-decided': ({ facts }, { from, phone, times }) => ({
    why: `a REGISTER of ${phone}${from} got 503, since it could not be decided: ${awayPart('', facts.fault).text}${times}`,
    change:
      'See which service or store is away (`tandem pods`, /readyz); phones come again by themselves.',
  }),

  unregistered: ({ facts }, { from, phone, times }) => ({
    why: `${phone} removed ${facts.contact} itself${from}${times}`,
    change: `Phones do so when they are switched off, restarted or given another account; have ${phone} register again.`,
  }),
  replaced: ({ facts }, { from, phone, times }) => ({
    why: `another device of ${phone}, at ${facts.by}${from}, took the place of ${facts.contact} from ${facts['source-before']}: it may have ${devices(facts.SERVER_REGISTRAR_MAX_BINDINGS)} (SERVER_REGISTRAR_MAX_BINDINGS, or registration.maxBindings of the phone)${times}`,
    change: 'Give each device a phone of its own, or let this one have more devices.',
  }),
  'removed-by-operator': ({ facts }, { phone, times }) => ({
    why: `an operator (${facts.operator}) removed ${facts.contact} of ${phone}${times}`,
    change: `It comes back with the next REGISTER; have ${phone} register again.`,
  }),
  expired: ({ facts }, { from, phone, times }) => ({
    why: `the registration of ${phone}${from} at ${facts.contact} expired at ${facts['expired-at']}: nothing was heard from it after ${facts['refreshed-at']}${times}`,
    change:
      'See whether the phone has power and network, and whether a firewall or NAT between forgets it.',
  }),
  'connection-closed': ({ facts }, { from, phone, times }) => ({
    why: `the ${facts.transport} connection of ${phone}${from}, over which it had registered ${facts.contact}, is closed${times}`,
    change:
      'It comes back with the next REGISTER. Where it does not, see whether the phone, or the page it is in, has network and connects again.',
  }),
  'keepalive-lost': ({ facts }, { from, phone, times }) => ({
    why: `${phone} left ${facts.unanswered === 1 ? 'one keepalive' : `${String(facts.unanswered)} keepalives in a row`} unanswered (OPTIONS, SS_ENDPOINT_KEEPALIVE_LIMIT) at ${facts.contact}, where it had registered${from}${times}`,
    change:
      'See whether the phone has power and network, and whether a firewall or NAT between forgets it; SS_ENDPOINT_KEEPALIVE_INTERVAL says how often it is asked.',
  }),

  ...requestWordings,
  ...operationWordings,
  'part-away': ({ facts }, { writer }) => ({
    why: `${nameOfPart(facts.part)} is away, as ${writer} sees it`,
    change:
      'Bring it back: its log says why it went; `tandem pods` and `tandem status` show what is there.',
  }),
  'part-back': ({ facts }, { writer }) =>
    fine(
      `${nameOfPart(facts.part)} is back: it was away since ${facts.since}, for ${String(facts.seconds)} s, as ${writer} saw it`,
    ),
  'answered-late': ({ facts }, { phone, times }) => ({
    why: `${phone} (${facts.contact}) answered ${String(facts.code)} after ${seconds(facts['after-ms'])}, when it had been given up after ${seconds(facts['waited-ms'])}${times}`,
    change: `Ask its operator why it takes so long, or raise timers.invite of the gateway (SS_SIP_TIMEOUT_INVITE) above ${seconds(facts['after-ms'])}.`,
  }),
  'gateway-off-line': ({ facts }, { phone, times }) => ({
    why: `${phone} is off line: ${String(facts.failed)} of its last ${String(facts.checks)} OPTIONS checks failed, the last one with ${facts.last}${times}`,
    change: testOf(phone),
  }),
  'gateway-on-line': ({ facts }, { phone, times }) =>
    fine(
      `${phone} is on line again after ${String(facts.seconds)} s, and answered ${facts.last}${times}`,
    ),
  'address-off-line': ({ facts }, { phone, times }) => ({
    why: `${facts.contact} of ${phone} is off line: ${String(facts.failed)} of its last ${String(facts.checks)} OPTIONS checks failed, the last one with ${facts.last}${times}`,
    change: testOf(phone),
  }),
  'address-on-line': ({ facts }, { phone, times }) =>
    fine(
      `${facts.contact} of ${phone} is on line again after ${String(facts.seconds)} s, and answered ${facts.last}${times}`,
    ),
  'name-changed': ({ facts }, { times }) =>
    fine(
      `${facts.name} stands for ${facts.now} now; before it ${facts.before === '' ? 'had no address' : `stood for ${facts.before}`}${times}`,
    ),
  'name-lost': ({ facts }, { times }) => ({
    why: `${facts.name} has no address any more; before it stood for ${facts.before}${times}`,
    change: `Have ${facts.name} put back into the name servers, or correct the name in addresses of its gateway.`,
  }),
  'gateway-throttled': ({ facts }, { phone, times }) => ({
    why: `${phone} keeps failing, ${String(facts.failed)} of its last ${String(facts.attempts)} calls, and gets ${facts.share} of its calls in place of ${facts.before}${times}`,
    change: `Ask its carrier; tandem gateways shows how it does. What counts as a failure, and how many are too many, is its throttle, or SS_GATEWAY_THROTTLE_FAILURE_SHARE.`,
  }),
  'gateway-let-back': ({ facts }, { phone, times }) =>
    fine(
      `${phone} gets ${facts.share} of its calls in place of ${facts.before}: ${String(facts.failed)} of its last ${String(facts.attempts)} failed${times}`,
    ),
};

/** @param gateway "gateway carrier-a" */
function testOf(gateway: string): string {
  return `See what its network says: tandem gateways test ${gateway.replace(/^gateway /, '')}.`;
}

function fine(why: string): JournalWording {
  return { why, change: null };
}

function because({ explanation }: JournalFacts<'black-listed'>): string {
  return explanation === undefined ? '' : ` (${explanation})`;
}

function devices(most: number): string {
  return most === 1 ? 'one device' : `${String(most)} devices`;
}

/** AUTH-15: what was sent and what was expected, where that is known. */
function sentAndExpected({ explanation }: { readonly explanation?: string | undefined }): string {
  return explanation === undefined ? '' : ` (${explanation})`;
}

/** How far the limits of failures were, where that is known. */
function limits(facts: JournalFacts<'wrong-password'>): string {
  const { failures, SS_AUTHENTICATION_MAX_RETRY: most } = facts;
  return failures === undefined || most === undefined
    ? ''
    : `; failure ${String(failures)}, and ${String(most)} suspend it (SS_AUTHENTICATION_MAX_RETRY)`;
}

function softwareOf(facts: JournalFacts<'challenge-unanswered'>): string {
  const known = knownOf(facts);
  return known === '' ? '' : `; its software ${known}`;
}
