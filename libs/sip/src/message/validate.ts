import { isSipsUri, parseUri } from '../uri/sip-uri.ts';
import { isToken } from './characters.ts';
import { singleHeaders } from './header-forms.ts';
import type { Headers } from './headers.ts';
import { parseSipAddress } from './mend.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { callId, contacts, cseq, from, maxForwards, to, vias } from './typed-headers.ts';

/** Why a request is refused before anything is done for it. */
export interface RequestFault {
  readonly code: 400 | 416 | 420 | 483 | 505;
  /** The reason phrase. */
  readonly phrase: string;
  /** The text for `Warning: 399 <host> "<text>"`; holds no quote or backslash. */
  readonly warning: string;
  /** With 420: what goes into Unsupported. */
  readonly unsupported?: readonly string[];
}

/** What the element that validates can do. */
export interface ValidateOptions {
  /** The extensions that Require and Proxy-Require may name. @default none */
  readonly supported?: readonly string[];
  /** The schemes of a Request-URI that can be served. @default sip, sips, tel */
  readonly schemes?: readonly string[];
}

const defaultSchemes = ['sip', 'sips', 'tel'];
const phrases = {
  400: 'Bad Request',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  483: 'Too Many Hops',
  505: 'Version Not Supported',
} as const;

/** What moves its sender's target, or registers it: a Contact that cannot be read means something there alone. */
const contactMethods = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'REGISTER']);

/**
 * What RFC 3261 §8.2 and §16.3 have checked of every request, in their order. Undefined when the
 * request can be served as far as the message goes.
 * A fault of an ACK is no reason to answer: an ACK is never answered.
 */
export function validateRequest(
  request: SipRequest,
  options: ValidateOptions = {},
): RequestFault | undefined {
  if (request.version.toUpperCase() !== 'SIP/2.0') {
    return fault(505, `${request.version} is not spoken here`);
  }
  try {
    assertWellFormed(request);
    if (cseq(request).method !== request.method) {
      return fault(400, 'CSeq names another method than the request line');
    }
    return (
      uriFault(request, options.schemes ?? defaultSchemes) ??
      (maxForwards(request) === 0 ? fault(483, 'Max-Forwards has reached 0') : undefined) ??
      extensionFault(request, options.supported ?? [])
    );
  } catch (error) {
    if (error instanceof SipParseError) {
      return fault(400, error.message);
    }
    throw error;
  }
}

/** Has the response all that RFC 3261 §8.2.6.2 asks for, and can it be read? What comes from elsewhere is mended instead. */
export function isValidResponse(response: SipResponse): boolean {
  try {
    assertWellFormed(response);
    return true;
  } catch (error) {
    if (error instanceof SipParseError) {
      return false;
    }
    throw error;
  }
}

/** RFC 3261 §8.1.1: the headers without which there is no message; each must be readable. */
function assertWellFormed(message: SipMessage): void {
  if (vias(message).length === 0) {
    throw new SipParseError('SIP_MISSING_HEADER', 'there is no Via');
  }
  from(message);
  to(message);
  callId(message);
  cseq(message);
  maxForwards(message);
  if (message.kind === 'response') contacts(message);
  else if (contactMethods.has(message.method)) assertContact(message);
  assertSingle(message.headers);
}

// RFC 3261 §8.1.1.8, §20.10: "*" and other schemes are for REGISTER alone.
function assertContact(request: SipRequest): void {
  const { headers, method } = request;
  if (!headers.has('contact')) return;
  contacts(request);
  if (method !== 'REGISTER') headers.list('contact').forEach(parseSipAddress);
}

function assertSingle(headers: Headers): void {
  const name = headers.firstRepeated(singleHeaders);
  if (name !== undefined) {
    throw new SipParseError('SIP_BAD_HEADER', `${name} stands there more than once`);
  }
}

function uriFault(request: SipRequest, schemes: readonly string[]): RequestFault | undefined {
  const uri = parseUri(request.uri);
  if (!schemes.includes(uri.scheme)) {
    const where = uri.scheme === 'sips' ? 'over a transport that is not secure' : 'here';
    return fault(416, `${uri.scheme} URIs are not served ${where}`);
  }
  // RFC 3261 §19.1.1 table 1: no headers in a Request-URI.
  if (uri.headers.size > 0) return fault(400, 'the Request-URI holds headers');
  return uri.scheme === 'sips' ? sipsFault(request) : undefined;
}

/** RFC 3261 §8.1.1.8: what goes to a sips URI is answered by one; RFC 5630 §5.3 has it refused where it is not. */
function sipsFault(request: SipRequest): RequestFault | undefined {
  const { method } = request;
  if (method === 'REGISTER' || !contactMethods.has(method)) return undefined;
  return contacts(request).every(({ uri }) => isSipsUri(uri))
    ? undefined
    : fault(400, 'a request to a sips URI has a Contact that is none');
}

// RFC 3261 §8.2.2.3: CANCEL and ACK are exempt.
function extensionFault(
  request: SipRequest,
  supported: readonly string[],
): RequestFault | undefined {
  const { method, headers } = request;
  const isExempt = method === 'CANCEL' || method === 'ACK';
  if (isExempt || (!headers.has('require') && !headers.has('proxy-require'))) {
    return undefined;
  }
  const wanted = [...headers.list('require'), ...headers.list('proxy-require')];
  if (!wanted.every((option) => isToken(option))) {
    return fault(400, 'Require or Proxy-Require holds what is no option');
  }
  const unsupported = wanted.filter((option) => !supported.includes(option.toLowerCase()));
  if (unsupported.length === 0) {
    return undefined;
  }
  const warning = `extensions not supported: ${unsupported.join(', ')}`;
  return { code: 420, phrase: phrases[420], warning, unsupported };
}

function fault(code: RequestFault['code'], warning: string): RequestFault {
  return { code, phrase: phrases[code], warning };
}
