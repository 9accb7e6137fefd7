import { requestRefusals, refusals } from '@tandem/domain';
import type {
  JournalNote,
  JournalWhy,
  RefusalReason,
  RequestRefusal,
  RequestRefusalReason,
} from '@tandem/domain';
import { Decision } from '@tandem/proto/decision';
import { from, readableText, userOf, vias } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { SHORTEST_SESSION_S } from '../dialog/session-timers.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { RequestAnswer } from './caller-response.ts';

/** Most hops that an entry names. */
const MOST_HOPS = 8;
const LONGEST = 200;

/** Who sent what, as the journal tells it. Nothing of it need be readable. */
export function aboutRequest(
  request: SipRequest,
  source: PeerAddress,
): Omit<JournalNote, 'cause' | 'facts'> {
  const { headers } = request;
  const caller = read(() => userOf(from(request).uri));
  return {
    terminal: caller,
    account: '',
    sender: 'unknown',
    source: formatPeerAddress(source),
    userAgent: readableText(headers.get('User-Agent') ?? ''),
    callId: readableText(headers.get('Call-ID') ?? ''),
    caller,
    callee: read(() => userOf(request.uri)),
  };
}

/** What the journal says of a refusal, by what the answer was. */
type Why = (told: {
  readonly request: SipRequest;
  readonly facts: { readonly method: string; readonly code: number };
  readonly fault: string;
  readonly unsupported: readonly string[];
}) => JournalWhy;

const methodNotServed: Why = ({ facts }) => ({ cause: 'method-not-served', facts });
const transferRefused: Why = ({ facts: { code }, fault }) => ({
  cause: 'transfer-refused',
  facts: { code, fault },
});

const whys: Readonly<Partial<Record<RequestRefusalReason, Why>>> = {
  Malformed: ({ facts, fault }) => ({ cause: 'request-malformed', facts: { ...facts, fault } }),
  VersionUnknown: ({ facts, fault }) => ({ cause: 'version-unknown', facts: { ...facts, fault } }),
  SchemeUnknown: ({ facts, fault }) => ({ cause: 'scheme-not-served', facts: { ...facts, fault } }),
  ExtensionUnknown: ({ facts, unsupported }) => ({
    cause: 'extension-not-supported',
    facts: { ...facts, fault: shortened(unsupported.join(', ')) },
  }),
  TooManyHops: ({ facts, request }) => ({
    cause: 'too-many-hops',
    facts: { ...facts, via: hopsOf(request) },
  }),
  Loop: ({ facts, request }) => ({ cause: 'loop', facts: { ...facts, via: hopsOf(request) } }),
  MethodNotAllowed: methodNotServed,
  MethodUnknown: methodNotServed,
  SessionTooBrief: ({ facts, request }) => {
    const asked = shortened(request.headers.get('Session-Expires') ?? '');
    return { cause: 'session-too-brief', facts: { ...facts, asked, least: SHORTEST_SESSION_S } };
  },
  NoDialog: ({ facts }) => ({ cause: 'no-such-dialog', facts }),
  ForeignSource: ({ facts }) => ({ cause: 'foreign-source', facts }),
  TransferForbidden: transferRefused,
  TransferTargetForeign: transferRefused,
  Unavailable: ({ facts, fault }) => ({ cause: 'request-not-taken', facts: { ...facts, fault } }),
  InternalError: ({ facts }) => ({ cause: 'switch-failed', facts }),
};

const otherwise: Why = ({ facts, fault }) => ({
  cause: 'request-refused',
  facts: { ...facts, fault },
});

/** Why a request was refused of which nothing is kept. @param offset where a broken one is wrong */
export function whyRefused(
  request: SipRequest,
  { answer, unsupported = [], warning }: RequestAnswer,
  offset = 0,
): JournalWhy | undefined {
  if (answer === 'OK') return undefined;
  const row: RequestRefusal = requestRefusals[answer];
  const facts = { method: shortened(request.method), code: row.code };
  const fault = shortened(warning ?? row.warning ?? row.phrase);
  const why = (whys[answer] ?? otherwise)({ request, facts, fault, unsupported });
  if (why.cause !== 'request-malformed' || offset === 0) return why;
  return { ...why, facts: { ...why.facts, offset } };
}

/** Why a request was refused as a call is, without being one. */
export function whyNoCall(request: SipRequest, reason: RefusalReason): JournalWhy {
  const { code, warning } = refusals[reason];
  const facts = { method: shortened(request.method), code };
  if (reason === 'UserNotFound') {
    const called = read(() => userOf(request.uri));
    return { cause: 'nobody-called', facts: { ...facts, called } };
  }
  const cause = reason === 'ServiceUnavailable' ? 'request-not-taken' : 'request-refused';
  return { cause, facts: { ...facts, fault: warning } };
}

/** What auth had against a call; undefined: nothing, it was challenged for the first time. @param code 0: no answer */
export function whyNotLetIn(
  { method }: SipRequest,
  { code, decisions }: { readonly code: number; readonly decisions: readonly Uint8Array[] },
): JournalWhy | undefined {
  const decided = decisions.map((decision) => Decision.decode(decision));
  const record = decided.findLast(({ reason }) => reason !== '');
  if (record === undefined && code !== 0) return undefined;
  const fact = (name: string): string | undefined =>
    record?.facts.find((each) => each.name === name)?.value;
  const until = fact('suspended-until');
  return {
    cause: 'not-let-in',
    facts: {
      method: shortened(method),
      code,
      who: record?.subject ?? '',
      fault:
        fact('cause') ??
        (fact('SS_UNKNOWN_SOURCE') === undefined ? 'nobody who is known' : 'source in no list'),
      explanation: until === undefined ? (fact('explanation') ?? unlisted(fact)) : suspended(fact),
      'suspended-until': until,
    },
  };
}

type Fact = (name: string) => string | undefined;

/** AUTH-14: by which parameter an address in no list is refused, and what is known of where it came from. */
function unlisted(fact: Fact): string | undefined {
  const parameter = fact('SS_UNKNOWN_SOURCE');
  return parameter === undefined
    ? undefined
    : `no gateway lists the address, SS_UNKNOWN_SOURCE ${parameter}${placeOf(fact)}`;
}

/** In whose list it should have been; CALL-07: or why an address says nothing here. */
function placeOf(fact: Fact): string {
  const whose = fact('nearest-gateway')?.replace(/^mapping-/, 'mapping ');
  const list = fact('nearest-list') ?? '';
  const sentBy = fact('sent-by');
  if (sentBy !== undefined) {
    return `; its Via names ${sentBy}, which is in the list of ${whose ?? ''}: ${list}; the network has put another address in its place (SNAT)`;
  }
  if (fact('source-hidden') !== undefined) {
    return '; the network in front of the switch hides where clients send from';
  }
  return whose === undefined ? '' : `; the list of ${whose} comes nearest, ${list}`;
}

/** AUTH-07: which limit has suspended it, and who was the last. */
function suspended(fact: Fact): string {
  const limit = fact('decided-by') ?? 'SS_AUTHENTICATION_MAX_RETRY';
  const most = fact('SS_AUTHENTICATION_MAX_RETRY') ?? '';
  const told = fact('explanation');
  const sent = told === undefined ? '' : `; ${told}`;
  return `${fact('failures') ?? ''} failures, ${limit} ${most}; the last one from ${fact('last-source') ?? ''}${sent}`;
}

/** The hosts that it has passed, the last one first. */
function hopsOf(request: SipRequest): string {
  return read(() =>
    vias(request)
      .slice(0, MOST_HOPS)
      .map(({ host, port }) => (port === undefined ? host : `${host}:${String(port)}`))
      .join(' '),
  );
}

function shortened(text: string): string {
  return readableText(text).slice(0, LONGEST);
}

/** '' for what cannot be read. */
function read(get: () => string): string {
  try {
    return shortened(get());
  } catch {
    return '';
  }
}
