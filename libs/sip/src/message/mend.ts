import { transportOf, transportOfVia } from '../transport/transports.ts';
import { parseNameAddr, type NameAddr } from '../uri/name-addr.ts';
import { parseUri } from '../uri/sip-uri.ts';
import { parseVia } from '../uri/via.ts';
import { isToken } from './characters.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { singleHeaders, strictHeaders } from './header-forms.ts';
import { callId, cseq, from, maxForwards, to, topVia, vias } from './typed-headers.ts';

/** Stands where an address cannot be read: nobody is there (RFC 2606 §2). */
const NOBODY = 'sip:anonymous@anonymous.invalid';
/** They end or confirm what there is: with a transaction and a dialog to belong to they can do that. */
const concluding = new Set(['ACK', 'BYE', 'CANCEL']);

/**
 * RFC 3261 §17.1.3: the branch of the topmost Via and the method of CSeq say whose a response is, whatever else is wrong
 * with it; the branch alone, where CSeq cannot be read and the rest shows that it answers an INVITE. What cannot be read is taken away, or mended as far as it goes: From and To keep their tags, a Contact that is
 * no SIP address (RFC 3261 §12.1.1) is none. Changes the response, and adds to `faults` what was wrong.
 * @returns false where nothing says whose it is
 */
export function mendResponse(response: SipResponse): boolean {
  const faults: string[] = [];
  if (!mendVias(response, faults) || !mendCseq(response, faults)) return false;
  mendNames(response, faults);
  const fault = attempt(() => callId(response));
  if (fault !== undefined) {
    faults.push(fault);
    response.headers.set('Call-ID', 'anonymous.invalid');
  }
  keepAddresses(response, 'Contact', faults);
  keepAddresses(response, 'Record-Route', faults);
  mendOthers(response, faults);
  mendReliability(response);
  mendBodyType(response);
  if (faults.length > 0) response.faults = [...response.faults, ...faults];
  return true;
}

/**
 * A header that a request does not use never stops it: an ACK, BYE or CANCEL needs hardly any, and what of the others cannot be
 * read is taken away. Of other requests those are that contradict themselves where nobody looks at them. Changes the request.
 */
export function mendRequest(request: SipRequest): void {
  if (!concluding.has(request.method)) {
    keepOneUnused(request);
    return;
  }
  const faults: string[] = [];
  const { headers } = request;
  if (headers.has('From')) mendName(request, 'From', faults);
  if (headers.has('To')) mendName(request, 'To', faults);
  keepAddresses(request, 'Contact', faults);
  mendOthers(request, faults);
}

/** Whether requests of a method end or confirm what there is: broken as they may be, they are worth reading. */
export function isConcluding(method: string): boolean {
  return concluding.has(method);
}

/** A name-addr that leads to somebody: sip or sips (RFC 3261 §12.1.1). @throws SipParseError SIP_BAD_NAME_ADDR or SIP_BAD_URI */
export function parseSipAddress(value: string): NameAddr {
  const address = parseNameAddr(value);
  const isSip = address.uri !== '*' && /^sips?$/.test(parseUri(address.uri).scheme);
  if (isSip) return address;
  throw new SipParseError('SIP_BAD_URI', 'the address is no sip or sips URI');
}

/** What is wrong with a read, in the parser's words; undefined where nothing is. */
function attempt(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof SipParseError) return error.message;
    throw error;
  }
}

/** RFC 3261 §20.19, RFC 3428 §4: these ask for a time; in all others Expires means nothing. */
const timed = new Set(['INVITE', 'MESSAGE', 'PUBLISH', 'REGISTER', 'SUBSCRIBE']);

function keepOneUnused({ body, headers, method }: SipRequest): void {
  if (headers.firstRepeated(unusedOnce) === undefined) return;
  const unused = timed.has(method) ? [] : ['Expires'];
  if (body.length === 0) unused.push('Content-Type');
  for (const name of unused) {
    const value = headers.get(name);
    if (value !== undefined && headers.count(name) > 1) headers.set(name, value);
  }
}

/** No list, and without a meaning in many a request. Long form, lower case. */
const unusedOnce: ReadonlySet<string> = new Set(['expires', 'content-type']);

function mendVias(response: SipResponse, faults: string[]): boolean {
  const fault = attempt(() => vias(response));
  if (fault === undefined)
    return response.headers.has('Via') && topVia(response).branch !== undefined;
  const [first = '', ...lower] = response.headers.list('Via');
  const branch = /;\s*branch\s*=\s*([^\s;,]+)/i.exec(first)?.[1];
  if (branch === undefined) return false;
  faults.push(`Via: ${fault}`);
  const isFirstRead = attempt(() => parseVia(first)) === undefined;
  const said = /^\s*SIP\s*\/\s*2\.0\s*\/\s*(\w+)/i.exec(first)?.[1] ?? '';
  const { viaName } = transportOfVia(said) ?? transportOf({});
  const top = isFirstRead ? first : `SIP/2.0/${viaName} anonymous.invalid;branch=${branch}`;
  // The branch may be what cannot be read: a quote in it that nothing closes.
  if (attempt(() => parseVia(top)) !== undefined) return false;
  const read = lower.filter((each) => attempt(() => parseVia(each)) === undefined);
  response.headers.remove('Via');
  response.headers.append('Via', top);
  for (const each of read) response.headers.append('Via', each);
  return true;
}

/** Methods as they are registered, which are compared with case: what is written otherwise is meant so all the same. */
const known = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO'])
  .add('REFER')
  .add('MESSAGE')
  .add('NOTIFY')
  .add('SUBSCRIBE');

/**
 * The branch says which request of ours it is; what CSeq tells beyond that is an INVITE from its CANCEL, which has the same. No
 * CANCEL is answered by halves, by a Contact or a body, and hardly ever by a refusal.
 */
function mendCseq(response: SipResponse, faults: string[]): boolean {
  const { body, headers, status } = response;
  const fault = attempt(() => cseq(response));
  if (fault === undefined) {
    const { method, number } = cseq(response);
    const registered = method.toUpperCase();
    if (method === registered || !known.has(registered)) return true;
    headers.set('CSeq', `${String(number)} ${registered}`);
    faults.push(`CSeq names the method ${method}`);
    return true;
  }
  const text = headers.get('CSeq') ?? '';
  const words = text.toUpperCase().match(/[A-Z]+/g) ?? [];
  const isOfInvite = status < 200 || status >= 300 || headers.has('Contact') || body.length > 0;
  const method = words.find((word) => known.has(word)) ?? (isOfInvite ? 'INVITE' : undefined);
  if (method === undefined) return false;
  headers.set('CSeq', `${/\d{1,9}/.exec(text)?.[0] ?? '0'} ${method}`);
  faults.push(fault);
  return true;
}

function mendNames(message: SipMessage, faults: string[]): void {
  mendName(message, 'From', faults);
  mendName(message, 'To', faults);
}

/** The tag is what counts: dialog and transaction know the rest. */
function mendName(message: SipMessage, name: 'From' | 'To', faults: string[]): void {
  const fault = attempt(() => (name === 'From' ? from(message) : to(message)));
  if (fault === undefined) return;
  faults.push(`${name}: ${fault}`);
  const value = message.headers.get(name) ?? '';
  const uri = /sips?:[^\s<>",;]+/i.exec(value)?.[0] ?? NOBODY;
  const isUri = attempt(() => parseUri(uri)) === undefined;
  const tag = /;\s*tag\s*=\s*([^\s;,<>"]+)/i.exec(value)?.[1];
  const suffix = tag !== undefined && isToken(tag) ? `;tag=${tag}` : '';
  message.headers.set(name, `<${isUri ? uri : NOBODY}>${suffix}`);
}

/** Keeps the elements that can be read and lead somewhere. */
function keepAddresses(
  message: SipMessage,
  name: 'Contact' | 'Record-Route',
  faults: string[],
): void {
  const { headers } = message;
  if (!headers.has(name)) return;
  const values = headers.list(name);
  const kept = values.filter((value) => {
    const fault = attempt(() => parseSipAddress(value));
    if (fault !== undefined) faults.push(`${name}: ${fault}`);
    return fault === undefined;
  });
  if (kept.length === values.length) return;
  headers.remove(name);
  for (const value of kept) headers.append(name, value);
}

function mendOthers(message: SipMessage, faults: string[]): void {
  const { headers } = message;
  const fault = attempt(() => maxForwards(message));
  if (fault !== undefined) {
    faults.push(fault);
    headers.remove('Max-Forwards');
  }
  for (;;) {
    const name = headers.firstRepeated(singleHeaders);
    if (name === undefined) break;
    faults.push(`${name} stands there more than once`);
    headers.set(name, headers.get(name) ?? '');
  }
  for (const name of headers.removeUnlike(strictHeaders)) faults.push(`${name} cannot be read`);
}

/** RFC 3262 §4: without a number that can be read nobody can acknowledge it. */
function mendReliability({ headers, status }: SipResponse): void {
  if (status >= 200 || headers.has('RSeq') || !headers.has('Require')) return;
  const required = headers.list('Require');
  const others = required.filter((option) => option.toLowerCase() !== '100rel');
  if (others.length === required.length) return;
  headers.remove('Require');
  if (others.length > 0) headers.append('Require', others.join(', '));
}

/** A body that is a session description, of which nothing says so that can be read. */
function mendBodyType({ body, headers }: SipResponse): void {
  if (body.length === 0 || headers.has('Content-Type')) return;
  if (body.toString('latin1', 0, 3) === 'v=0') headers.append('Content-Type', 'application/sdp');
}
