import type { Candidate, Target } from '@tandem/proto/routing';
import { isSipsUri, parseNameAddr, readableText } from '@tandem/sip';
import type { Headers, NameAddr, SipResponse } from '@tandem/sip';
import type { BranchState, CallState, Failure } from './call-state.ts';
import { edgeDecision } from './decisions.ts';
import { refused } from './failures.ts';
import { hostOf, isItself, targetOf } from './redirect-targets.ts';
import { needsTrust, redirectedCaller } from './redirected-caller.ts';

/** Contacts that are called in one call, of however many redirections: each may name others. */
const MOST_REDIRECTS = 5;

/**
 * A 3xx of a gateway whose redirections are followed (RFC 3261 §8.1.3.4): its contacts are the next candidates, each an attempt at
 * that gateway's cost. Those that were called already, cannot be reached at an address, or are too many are left out, and
 * why. Undefined where nothing is to be followed: then it is a failure like any other.
 */
export function redirected(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  nowMs: number,
): Failure | undefined {
  const { candidate } = branch.attempt;
  const { status } = response;
  if (status >= 400 || candidate.answers?.redirects !== 'follow') return undefined;
  const subject = `routing-gateway ${candidate.gateway}`;
  const followed: Candidate[] = [];
  const tried = call.candidates.slice(0, call.nextCandidate);
  const called = new Set(tried.flatMap(({ targets }) => targets.map(({ uri }) => uri)));
  let room = MOST_REDIRECTS - call.candidates.filter(({ isRedirect }) => isRedirect).length;
  for (const value of byPreference(response)) {
    const contact = readableText(value.uri);
    const target = targetOf(value.uri, candidate);
    const cause =
      typeof target === 'string'
        ? target
        : (barrierTo(target, call, candidate) ??
          (called.has(target.uri)
            ? 'it has been called in this call already'
            : room <= 0
              ? `no more than ${String(MOST_REDIRECTS)} are followed in a call`
              : undefined));
    if (typeof target === 'string' || cause !== undefined) {
      const facts = { code: status, contact, cause: cause ?? '' };
      call.decisions.push(edgeDecision('redirect-not-followed', { subject, facts, atMs: nowMs }));
      continue;
    }
    called.add(target.uri);
    room -= 1;
    followed.push(redirectedCandidate(candidate, target, call.invite.headers));
    const facts = { code: status, contact, address: target.addresses[0] ?? hostOf(target.uri) };
    call.decisions.push(edgeDecision('redirect-followed', { subject, facts, atMs: nowMs }));
  }
  if (followed.length === 0) return undefined;
  const { candidates, nextCandidate } = call;
  call.candidates = [
    ...candidates.slice(0, nextCandidate),
    ...followed,
    ...candidates.slice(nextCandidate),
  ];
  const text = readableText(response.reason);
  return { ...refused('BadGateway'), code: status, text, isRedirected: true };
}

/** Why such a call does not go there; undefined where it may. */
function barrierTo(
  target: Target,
  { invite }: CallState,
  candidate: Candidate,
): string | undefined {
  // RFC 5630 §5.3.
  if (isSipsUri(invite.uri) && !isSipsUri(target.uri)) {
    return 'it is no sips URI, and one was called';
  }
  return needsTrust(invite.headers) && !isItself(candidate, target)
    ? 'its caller wants privacy that only trusted gateways can give'
    : undefined;
}

/** RFC 3261 §20.10: the higher q first, else as they stand. What is no address is none. */
function byPreference({ headers }: SipResponse): readonly NameAddr[] {
  const contacts = headers.list('Contact').flatMap((value) => {
    try {
      return [parseNameAddr(value)];
    } catch {
      return [];
    }
  });
  return contacts.sort((a, b) => preferenceOf(b) - preferenceOf(a));
}

function preferenceOf({ params }: NameAddr): number {
  const q = Number(params.get('q') ?? 1);
  return Number.isFinite(q) ? q : 1;
}

/**
 * At the cost, and on the lines, of the gateway that named it; its password (AUTH-11) and its `localAddress` (CALL-07) are for nobody
 * else: others are told what their network is.
 */
function redirectedCandidate(candidate: Candidate, target: Target, invite: Headers): Candidate {
  const isGateway = isItself(candidate, target);
  const local = isGateway ? candidate.targets[0]?.local : undefined;
  return {
    ...candidate,
    ...redirectedCaller(candidate, { uri: target.uri, isGateway, invite }),
    addresses: target.addresses,
    transport: target.transport,
    targets: [local === undefined ? target : { ...target, local }],
    isRedirect: true,
    ...(isGateway ? {} : { username: '', password: '' }),
  };
}
