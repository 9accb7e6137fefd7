/**
 * What stays readable of credentials (RFC 7616 §3.4): it tells why they were wrong, and nothing can be done with it. All else of
 * such a header is masked, known or not.
 */
const readable = new Set([
  'username',
  'realm',
  'nonce',
  'uri',
  'algorithm',
  'qop',
  'nc',
  'cnonce',
  'opaque',
  'userhash',
  'nextnonce',
]);

// One pattern for each: a literal is looked for several times as fast as one of many alternatives. Strangers write what is looked
// through: none may begin again within what it has read in vain.
const credentials = /authorization|authentication-info/gi;
const uriPassword = /sips?:[^\s@:;>"<,?]+:([^\s@;>"<]{1,256})@/gi;
/** The third part of a JWT (RFC 8225), and of one whose first two are left out (§7). */
const signature = /(?<![\w-])eyJ[\w-]*\.[\w-]*\.([\w-]+)/g;
const shortSignature = /identity[ \t]*:\s*\.\.([\w-]+)/gi;
/** Keys of media (RFC 4568, RFC 4567, RFC 4566 §5.12) and of ICE (RFC 8839 §5.4). */
const mediaKeys = [
  /\na=crypto:[^\s]*[ \t]+[^\s]+[ \t]+([^\r\n]*)/gi,
  /inline:[ \t]*([^\s|;]+)/gi,
  /\na=key-mgmt:[^\s]*[ \t]*([^\r\n]*)/gi,
  /\nk=(?:clear|base64|uri)?:?([^\r\n]*)/gi,
  /\na=ice-pwd:([^\r\n]*)/gi,
];

/** What is asked for, not what is answered. */
const schemes = /^\s*(?:digest|basic|bearer|aka|ntlm|negotiate)(?=\s)/i;

const MASK = 0x78; // x
/** What `signature` begins with: few messages have it, and it is looked for in less time than that. */
const TOKEN_START = 'eyJ';
/** What is looked through at once stays in the cache of a core, where each pattern finds it again. */
const PIECE_BYTES = 32 * 1024;

/**
 * Overwrites the secrets of SIP messages with as many `x`, so that lengths stay true: answers to challenges and whatever else is in
 * Authorization, Proxy-Authorization and Authentication-Info (also in a URI and in a body), passwords in URIs, signatures of
 * PASSporTs, keys of SRTP and ICE. What a sender has broken is masked too.
 * @param ends where each message of the buffer ends, ascending: nothing is masked beyond the end of its own
 */
export function maskSecrets(buffer: Buffer, ends: readonly number[] = [buffer.length]): void {
  let from = 0;
  let own: number[] = [];
  for (const end of ends) {
    own.push(end - from);
    if (end - from < PIECE_BYTES && end !== ends.at(-1)) continue;
    maskPiece(buffer.subarray(from, end), own);
    from = end;
    own = [];
  }
}

function maskPiece(buffer: Buffer, ends: readonly number[]): void {
  const text = buffer.toString('latin1');
  const endOf = endFinder(ends);
  let done = 0;
  for (const match of text.matchAll(credentials)) {
    const from = match.index + match[0].length;
    if (from > done) done = maskCredentials(buffer, text, { from, end: endOf(from) });
  }
  for (const pattern of [uriPassword, signature, shortSignature, ...mediaKeys]) {
    if (pattern === signature && !text.includes(TOKEN_START)) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? '';
      const isUri = pattern === uriPassword;
      const from = match.index + match[0].length - secret.length - (isUri ? 1 : 0);
      mask(buffer, from, Math.min(from + secret.length, endOf(from)));
    }
  }
}

interface Range {
  readonly from: number;
  readonly end: number;
}

/**
 * @param range from behind the name of the header to the end of the message
 * @returns up to where it has looked
 */
function maskCredentials(buffer: Buffer, text: string, { from, end }: Range): number {
  const [, separator] = /^[ \t]*([:=%])/.exec(text.slice(from, Math.min(from + 16, end))) ?? [];
  if (separator === undefined) return from;
  if (separator !== ':') {
    // In a URI: up to its end.
    const length = text.slice(from + 1, end).search(/[>\s&"]/);
    const uriEnd = length < 0 ? end : from + 1 + length;
    mask(buffer, from + 1, uriEnd);
    return uriEnd;
  }
  const start = text.indexOf(':', from) + 1;
  const value = text.slice(start, headerEnd(text, start, end));
  const [scheme = ''] = schemes.exec(value) ?? [];
  let done = scheme.length;
  const isDigest = /digest$/i.test(scheme);
  const isInfo = scheme === '' && /info$/i.test(text.slice(from - 4, from));
  if (isDigest || isInfo) {
    for (const parameter of value.matchAll(/(?<![\w-])([\w-]+)\s*=\s*("[^"\r\n]*"|[^\s,"]*)/g)) {
      const [whole, name = '', given = ''] = parameter;
      const at = parameter.index + whole.length - given.length;
      mask(buffer, start + done, start + parameter.index);
      if (!readable.has(name.toLowerCase())) mask(buffer, start + at, start + at + given.length);
      done = parameter.index + whole.length;
    }
  }
  mask(buffer, start + done, start + value.length);
  return start + value.length;
}

/** A line goes on where the next one begins with a space (RFC 3261 §7.3.1). */
function headerEnd(text: string, from: number, end: number): number {
  for (let at = from; at < end;) {
    const line = text.indexOf('\n', at);
    if (line < 0 || line >= end) return end;
    const next = text[line + 1];
    if (next !== ' ' && next !== '\t') return line;
    at = line + 1;
  }
  return end;
}

/** Leaves what divides. */
function mask(buffer: Buffer, from: number, end: number): void {
  for (let at = from; at < end; at += 1) {
    const byte = buffer[at] ?? 0;
    const divides = byte <= 0x20 || byte === 0x22 || byte === 0x2c;
    if (!divides) buffer[at] = MASK;
  }
}

function endFinder(ends: readonly number[]): (at: number) => number {
  return (at) => {
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return ends[low] ?? 0;
  };
}
