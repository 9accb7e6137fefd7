import { hasIdentityTerm, readNumber } from '@tandem/domain';
import { formatNameAddr, parseUri, userOf } from '@tandem/sip';
import type { Headers, NameAddr, ReadonlyParams } from '@tandem/sip';
import { named, ownUri, printable, readNameAddr } from './identity-uri.ts';
import type { WrittenUri } from './identity-uri.ts';
import { ANONYMOUS_URI } from './privacy.ts';
import type { Privacy } from './privacy.ts';

/** A call that has been diverted more often than these is told of by its last ones. */
const MOST_ENTRIES = 20;
/** RFC 5806 §4. Extensions stay behind: they may name anything. */
const diversionParams = ['reason', 'counter', 'limit', 'privacy', 'screen'] as const;
/** RFC 7044 §5. */
const historyParams = ['index', 'rc', 'mp', 'np'] as const;
/** A value that names no host. */
const PLAIN_VALUE = /^[\w.,-]{1,64}$/;

/** From whom to whom the headers pass. */
export interface Passage extends WrittenUri {
  readonly from: Headers;
  readonly to: Headers;
  /** Terms of the side that says it; `terms` are those of the side that gets it. */
  readonly giver: number;
  readonly privacy: Privacy;
}

/**
 * Diversion (RFC 5806) and History-Info (RFC 7044) as the other side gets them: their numbers at our address, reasons and
 * indices as they are (CALL-01). What its sender wants to be withheld is withheld from a side that is not trusted.
 */
export function passRedirections(passage: Passage): void {
  pass('Diversion', 'diversion', { ...passage, rewritten: diversion });
  pass('History-Info', 'history-info', { ...passage, rewritten: historyEntry });
}

interface Rewriting extends Passage {
  readonly rewritten: (entry: NameAddr, passage: Passage) => string | undefined;
}

function pass(name: string, term: 'diversion' | 'history-info', passage: Rewriting): void {
  const { from, to, giver, terms, rewritten } = passage;
  if (!hasIdentityTerm(terms, term) || !hasIdentityTerm(giver, term)) return;
  if (!hasIdentityTerm(giver, 'trusted') || !from.has(name)) return;
  const values: string[] = [];
  for (const value of from.list(name).slice(-MOST_ENTRIES)) {
    const entry = readNameAddr(value);
    const written = entry === undefined ? undefined : rewritten(entry, passage);
    if (written !== undefined) values.push(written);
  }
  if (values.length > 0) to.append(name, values.join(', '));
}

function diversion(entry: NameAddr, passage: Passage): string | undefined {
  const wanted = String(entry.params.get('privacy') ?? 'off').toLowerCase();
  const isHidden = !isTrusted(passage) && (wanted === 'full' || wanted === 'uri');
  const hasName = isTrusted(passage) || (wanted !== 'full' && wanted !== 'name');
  const uri = isHidden ? ANONYMOUS_URI : uriOf(entry, passage);
  if (uri === undefined) return undefined;
  const name = hasName && !isHidden ? printable(entry.displayName) : '';
  return named(name, uri) + kept(entry.params, diversionParams);
}

function historyEntry(entry: NameAddr, passage: Passage): string | undefined {
  if (!entry.params.has('index')) return undefined;
  const { privacy } = passage;
  const wanted = /[?&]privacy=[^&]*history/i.test(entry.uri) || privacy.isOfHistory;
  // RFC 7044 §10.1.2
  const isHidden = wanted && !isTrusted(passage);
  const uri = isHidden ? ANONYMOUS_URI : uriOf(entry, passage);
  if (uri === undefined) return undefined;
  // RFC 7044 §5: the name stays behind; of the URI's headers these two mean something.
  const target = isHidden ? uri : `${uri}${causeOf(entry.uri)}${headersOf(entry.uri)}`;
  return formatNameAddr({ uri: target }) + kept(entry.params, historyParams);
}

function isTrusted({ terms }: Passage): boolean {
  return hasIdentityTerm(terms, 'trusted');
}

function uriOf({ uri }: NameAddr, passage: Passage): string | undefined {
  const reading = readNumber(userOf(uri));
  return reading.kind === 'number' ? ownUri(reading.number, passage) : undefined;
}

function kept(params: ReadonlyParams, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = params.get(name);
    if (value === true) text += `;${name}`;
    else if (value !== undefined && PLAIN_VALUE.test(value)) text += `;${name}=${value}`;
  }
  return text;
}

/** RFC 4458: why the call came to this number. */
function causeOf(uri: string): string {
  const cause = readParams(uri)?.params.get('cause');
  return typeof cause === 'string' && /^\d{3}$/.test(cause) ? `;cause=${cause}` : '';
}

function headersOf(uri: string): string {
  const headers = readParams(uri)?.headers;
  const said: string[] = [];
  for (const name of ['Reason', 'Privacy']) {
    const value = headers?.get(name);
    // Escaped as it came; a text in it may name a host.
    const plain = typeof value === 'string' ? value.replace(/%3B%20*text.*$/i, '') : '';
    if (/^[\w.%-]{1,100}$/.test(plain)) said.push(`${name}=${plain}`);
  }
  return said.length === 0 ? '' : `?${said.join('&')}`;
}

function readParams(uri: string): ReturnType<typeof parseUri> | undefined {
  try {
    return parseUri(uri);
  } catch {
    return undefined; // Its number was read: the rest is left out.
  }
}
