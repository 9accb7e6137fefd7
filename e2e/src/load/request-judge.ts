import {
  cseq,
  from,
  parseUri,
  to,
  validateRequest,
  vias,
  type Endpoint,
  type SipRequest,
} from '@tandem/sip';
import { bodyFaults, contactFaults } from './response-judge.ts';

/** Where a request ought to come from and over what. */
export interface RequestSetting {
  /** The switch, as the peers know it. */
  readonly target: Endpoint;
  readonly transport: 'udp' | 'tcp';
  /** Options that this end supports. */
  readonly supported: readonly string[];
}

const COOKIE = 'z9hG4bK';

/** What a strict server would refuse in any request (RFC 3261 §8.2, §18.2). */
export function judgeRequest(request: SipRequest, setting: RequestSetting): readonly string[] {
  const fault = validateRequest(request, { supported: setting.supported });
  if (fault !== undefined) return [`earns ${String(fault.code)}: ${fault.warning}`];
  const { method } = request;
  const faults = [...viaFaults(request, setting), ...bodyFaults(request, setting.transport)];
  if (!request.headers.has('max-forwards')) faults.push('has no Max-Forwards');
  if (from(request).tag === undefined) faults.push('has no From tag');
  if (method === 'INVITE' || method === 'UPDATE') {
    faults.push(...contactFaults(request, setting.target, setting.transport));
  }
  return faults;
}

/**
 * What is wrong with an INVITE that begins a call.
 * @param name stands for the address where it is given
 */
export function judgeInitialInvite(
  request: SipRequest,
  local: Endpoint,
  name?: string,
): readonly string[] {
  const faults: string[] = [];
  if (to(request).tag !== undefined) faults.push('has a To tag and is in no dialog');
  const { host, port } = parseUri(request.uri);
  const isNamed = host === name && port === undefined;
  if (!isNamed && (host !== local.address || (port ?? 5060) !== local.port)) {
    faults.push(`is for ${host}:${String(port)}`);
  }
  if (request.body.length === 0) faults.push('has no offer');
  return faults;
}

/** What is wrong with a repetition: it must be the very same message (RFC 3261 §17.1.1.2, edge.md §6.1). */
export function judgeRepetition(again: SipRequest, first: SipRequest): readonly string[] {
  const faults: string[] = [];
  if (again.uri !== first.uri) faults.push('is repeated with another Request-URI');
  if (cseq(again).number !== cseq(first).number) faults.push('is repeated with another CSeq');
  if (faults.length === 0 && again.method === 'INVITE' && !isSame(again, first)) {
    faults.push('is repeated with other bytes');
  }
  return faults;
}

/** What is wrong with the ACK of a refusal, or a CANCEL: both live in the INVITE's transaction (§9.1, §17.1.1.3). */
export function judgeDerived(
  request: SipRequest,
  invite: SipRequest,
  toTag: string | undefined,
): readonly string[] {
  const faults: string[] = [];
  if (request.uri !== invite.uri) faults.push('has another Request-URI than the INVITE');
  if (cseq(request).number !== cseq(invite).number) faults.push('has another CSeq number');
  for (const name of ['Call-ID', 'From']) {
    if (request.headers.get(name) !== invite.headers.get(name)) {
      faults.push(`has another ${name} than the INVITE`);
    }
  }
  if (to(request).tag !== toTag) faults.push(`has To tag ${to(request).tag ?? 'none'}`);
  if (request.headers.getAll('route').join() !== invite.headers.getAll('route').join()) {
    faults.push('has another route than the INVITE');
  }
  return faults;
}

function viaFaults(request: SipRequest, { target, transport }: RequestSetting): readonly string[] {
  const path = vias(request);
  const [top] = path;
  // CALL-01: nothing of the other side's path.
  if (path.length !== 1 || top === undefined) return [`has ${String(path.length)} Vias`];
  const faults: string[] = [];
  if (top.branch?.startsWith(COOKIE) !== true) faults.push('has a branch without the cookie');
  if (top.host !== target.address || (top.port ?? 5060) !== target.port) {
    faults.push(`has sent-by ${top.host}:${String(top.port)}`);
  }
  if (top.transport.toLowerCase() !== transport) faults.push(`names ${top.transport} in its Via`);
  return faults;
}

// The Via has been found by its branch, and tells the connection on which the message came this time.
function isSame(one: SipRequest, other: SipRequest): boolean {
  return textOf(one) === textOf(other) && one.body.equals(other.body);
}

function textOf({ headers }: SipRequest): string {
  return headers
    .entries()
    .filter(([name]) => name.toLowerCase() !== 'via')
    .join('\n');
}
