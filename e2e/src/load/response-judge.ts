import {
  contacts,
  cseq,
  isValidResponse,
  parseUri,
  to,
  vias,
  type Endpoint,
  type SipRequest,
  type SipResponse,
} from '@tandem/sip';

/** What a response is held against. */
export interface Expected {
  /** The request that it answers. */
  readonly request: SipRequest;
  /** The switch, as the peers know it. */
  readonly target: Endpoint;
  readonly transport: 'udp' | 'tcp';
  /** To tag of an earlier response above 100 to the same request, or of the dialog. */
  readonly toTag: string | undefined;
}

/** What a strict client would refuse in a response to a request of its own (RFC 3261 §8.1.3, §17.1.3). */
export function judgeResponse(response: SipResponse, expected: Expected): readonly string[] {
  if (!isValidResponse(response)) return ['is no valid response'];
  return [
    ...pathFaults(response, expected),
    ...identityFaults(response, expected),
    ...tagFaults(response, expected),
    ...bodyFaults(response, expected.transport),
    ...contentFaults(response, expected),
  ];
}

/** What of Content-Length and body every receiver checks (RFC 3261 §18.3, §20.14, §20.15). */
export function bodyFaults(
  { headers, body }: SipRequest | SipResponse,
  transport: 'udp' | 'tcp',
): readonly string[] {
  const faults: string[] = [];
  const length = headers.get('content-length');
  if (length === undefined && transport === 'tcp') faults.push('has no Content-Length');
  if (length !== undefined && Number(length) !== body.length) {
    faults.push(`has Content-Length ${length} and ${String(body.length)} bytes`);
  }
  if (body.length > 0 && !headers.has('content-type')) faults.push('has a body of no type');
  return faults;
}

/** Whether a Contact leads to the switch, and to nowhere else (CALL-01, edge.md §2). */
export function contactFaults(
  message: SipRequest | SipResponse,
  target: Endpoint,
  transport: 'udp' | 'tcp',
): readonly string[] {
  const [contact, ...others] = contacts(message);
  if (contact === undefined) return ['has no Contact'];
  if (others.length > 0) return ['has several Contacts'];
  const { scheme, host, port, params } = parseUri(contact.uri);
  const faults: string[] = [];
  if (scheme !== 'sip') faults.push(`has a Contact of scheme ${scheme}`);
  if (host !== target.address || (port ?? 5060) !== target.port) {
    faults.push(`has a Contact at ${host}:${String(port)}`);
  }
  const named = params.get('transport');
  const namedTransport = typeof named === 'string' ? named.toLowerCase() : 'udp';
  if (namedTransport !== transport) faults.push(`has a Contact over ${namedTransport}`);
  return faults;
}

function pathFaults(response: SipResponse, { request }: Expected): readonly string[] {
  const [sent] = vias(request);
  const path = vias(response);
  const [top] = path;
  if (path.length !== 1 || top === undefined) return [`has ${String(path.length)} Vias`];
  const isOurs =
    top.branch === sent?.branch &&
    top.host === sent?.host &&
    top.port === sent.port &&
    top.transport === sent.transport;
  return isOurs ? [] : ['has another top Via than the request'];
}

function identityFaults(response: SipResponse, { request }: Expected): readonly string[] {
  const faults: string[] = [];
  const sequence = cseq(response);
  const asked = cseq(request);
  if (sequence.number !== asked.number || sequence.method !== asked.method) {
    faults.push('has another CSeq than the request');
  }
  for (const name of ['From', 'Call-ID']) {
    if (response.headers.get(name) !== request.headers.get(name)) {
      faults.push(`has another ${name} than the request`);
    }
  }
  return faults;
}

function tagFaults(response: SipResponse, { request, toTag }: Expected): readonly string[] {
  const asked = to(request);
  const answered = to(response);
  const faults: string[] = [];
  if (answered.uri !== asked.uri) faults.push('has another To than the request');
  if (asked.tag !== undefined && answered.tag !== asked.tag) {
    faults.push('has another To tag than the request');
  }
  if (response.status > 100 && answered.tag === undefined) faults.push('has no To tag');
  if (toTag !== undefined && response.status > 100 && answered.tag !== toTag) {
    faults.push('has another To tag than the response before');
  }
  return faults;
}

function contentFaults(response: SipResponse, expected: Expected): readonly string[] {
  const { request, target, transport } = expected;
  const { status, headers, body } = response;
  const faults: string[] = [];
  const asks = request.method === 'INVITE' || request.method === 'UPDATE';
  if (asks && status >= 200 && status < 300) {
    faults.push(...contactFaults(response, target, transport));
    if (request.body.length > 0 && body.length === 0) faults.push('has no answer to the offer');
  }
  if (status === 401 && !headers.has('www-authenticate')) faults.push('has no challenge');
  if (status === 407 && !headers.has('proxy-authenticate')) faults.push('has no challenge');
  const known = request.headers.list('supported').map((option) => option.toLowerCase());
  for (const option of headers.list('require')) {
    if (!known.includes(option.toLowerCase())) faults.push(`requires ${option}`);
  }
  return faults;
}
