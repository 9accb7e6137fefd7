/** What a user part that was received comes to. */
export type NumberReading =
  /** A number as it is compared, kept and sent on, or a name where it begins with a letter. */
  | { readonly kind: 'number'; readonly number: string }
  /** Not to be read as any number. `malformed`: whoever sent it is at fault, whatever it was to mean. */
  | { readonly kind: 'none' | 'malformed'; readonly cause: string };

const PLAIN = /^\+?[0-9]+$/;
const NUMBER = /^\+?[0-9*#]+$/;
/** RFC 3966 §3 `visual-separator`, and the blank that people write. */
const SEPARATORS = /[-.() ]/g;
const NAME_START = /^[A-Za-z_]/;
/** A phone's username may begin with a digit and go on with letters. */
const USERNAME = /^\+?[0-9*#]+[A-Za-z_!~'][A-Za-z0-9*#_!~']*$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
const BYTES = /[\u0080-\u00ff]/g;

/**
 * Reads the user part of a SIP URI, or what follows `tel:`, as the number that rates, routes, limits, CDRs and carriers get:
 * without escapes (RFC 3261 §19.1.4), visual separators and parameters; a local number with the country of its
 * `phone-context` before it (RFC 3966 §5.1.5). No two spellings of a number come to different numbers. A leading `+` is
 * kept, since carriers want it as it was dialled, and never compared: see {@link bareNumber}.
 * @param received as in the URI, one character per byte, with the parameters that stand before the `@`
 */
export function readNumber(received: string): NumberReading {
  if (PLAIN.test(received)) return { kind: 'number', number: received };
  const text = unescaped(received);
  if (text === undefined) return { kind: 'malformed', cause: 'its escapes are broken or no UTF-8' };
  if (UNPRINTABLE.test(text)) return { kind: 'malformed', cause: 'it holds control characters' };
  const [user = '', ...params] = text.split(';');
  if (user === '') return none('there is no number');
  const number = numberOf(user);
  if (number === undefined) return none('it is no number and no name');
  const contexts = contextsOf(params);
  if (contexts.size === 0 || number.startsWith('+')) return { kind: 'number', number };
  return withContext(number, contexts);
}

/**
 * The user part as the name of a phone or gateway: without escapes and parameters, else as it is.
 * @returns '' where there is none, or what no name can hold
 */
export function readUsername(received: string): string {
  const text = unescaped(received) ?? '';
  return UNPRINTABLE.test(text) ? '' : (text.split(';')[0] ?? '');
}

/** The number by which it is compared: +44 and 44 are the same everywhere. */
export function bareNumber(number: string): string {
  return number.startsWith('+') ? number.slice(1) : number;
}

/** A configured username as a called number would name it: `10-01` is dialled as 1001. */
export function numberOfUsername(username: string): string {
  return bareNumber(numberOf(username) ?? username);
}

/**
 * Whether it is the name of a phone, if anything, though it begins as a number does (`10a`): a carrier that drops what is no digit
 * would find another number in it than the one that was rated.
 */
export function isNameOfDigits(number: string): boolean {
  return USERNAME.test(number);
}

/** Whether it begins as a name does, and so is nobody's number. */
export function isName(number: string): boolean {
  return NAME_START.test(number);
}

/** A prefix for people: that of every number is `any`. */
export function prefixName(prefix: string): string {
  return prefix === '' ? 'any' : prefix;
}

function none(cause: string): NumberReading {
  return { kind: 'none', cause };
}

/** Undefined where an escape is broken, or the bytes are no UTF-8. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(BYTES, encodeByte));
  } catch {
    return undefined;
  }
}

/** One that should have come escaped. */
function encodeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`;
}

function numberOf(user: string): string | undefined {
  const compact = user.replace(SEPARATORS, '');
  if (NUMBER.test(compact)) return compact;
  if (NAME_START.test(user)) return user;
  // Neither read by its first digits nor passed on: a carrier may find a longer number in it.
  return USERNAME.test(compact) ? compact : undefined;
}

/** Whatever `phone-context` says; the digits of a country may have separators too. */
function contextsOf(params: readonly string[]): ReadonlySet<string> {
  const contexts = new Set<string>();
  for (const param of params) {
    const [name = '', value = ''] = param.split('=', 2);
    if (name.trim().toLowerCase() !== 'phone-context') continue;
    contexts.add(value.startsWith('+') ? value.replace(SEPARATORS, '') : value);
  }
  return contexts;
}

function withContext(number: string, contexts: ReadonlySet<string>): NumberReading {
  const [context = ''] = contexts;
  // RFC 3966 §5.1.5: such a number means nothing but within its context.
  if (contexts.size > 1 || !/^\+[0-9]+$/.test(context) || !/^[0-9]+$/.test(number)) {
    const named = [...contexts].join(' and ');
    return none(`it is a number within phone-context ${named}, which is no country`);
  }
  return { kind: 'number', number: context + number };
}
