import { headerKey } from '@tandem/sip';
import type { Headers } from '@tandem/sip';
import { headerTable, isUsedIn, verdictOf } from './header-table.ts';
import type { HeaderRow, PassageName } from './header-table.ts';
import { carriedMethods } from './methods.ts';

/** A message on its way to the other leg. */
export interface Passage {
  readonly name: PassageName;
  /** Of the request, or of that which is answered. */
  readonly method: string;
  /** Of a response. */
  readonly status?: number | undefined;
  /** What the body step has made of its body: none has no headers that describe it. */
  readonly passedBody: Buffer;
  /** SS_SIP_RELAY_REFER: whether the peer may be told that the other side takes REFER. @default false */
  readonly relaysRefer?: boolean | undefined;
  /** Extensions that are not offered though the sender supports them. @default none */
  readonly withheld?: ReadonlySet<string> | undefined;
}

/** Extensions that work across the switch without its help, as they are registered. */
const options = ['100rel', '199', 'timer', 'early-session', 'answermode', 'precondition'] as const;

/** RFC 3261 §7.3.1: names of options are compared without case. */
const transparentOptions: ReadonlyMap<string, string> = new Map(
  options.map((name) => [name, name]),
);

/** Options that a peer may require of the switch. */
export const supportedOptions: readonly string[] = options;

/** Copies what may pass between the legs, in the order in which it stands: the table says what (header-table.ts). */
export function copyPassingHeaders(from: Headers, to: Headers, passage: Passage): void {
  to.copyFrom(from, passingKeys(passage));
  if (isMapped('alert-info', passage)) copyTones(from, to);
  copyOptions(from, to, passage);
  copyAllow(from, to, passage);
}

/** The sets of headers that pass, made when first asked for: by passage, body, method and status. */
const sets = new Map<string, ReadonlySet<string>>();
/** Methods beyond these share one set: a peer may invent as many as it likes. */
const OTHER_METHOD = '';

const rowsByKey: ReadonlyMap<string, HeaderRow> = new Map(
  headerTable.map((row) => [headerKey(row.name), row]),
);
const methodsInTable: ReadonlySet<string> = new Set(
  headerTable.flatMap(({ methods = [] }) => methods),
);

function passingKeys({ name, method, status, passedBody }: Passage): ReadonlySet<string> {
  const known = methodsInTable.has(method) ? method : OTHER_METHOD;
  const hasBody = passedBody.length > 0;
  const key = `${name} ${known} ${String(status ?? 0)} ${hasBody ? '+' : '-'}`;
  let keys = sets.get(key);
  if (keys === undefined) {
    keys = new Set(
      headerTable
        .filter(
          (row) =>
            (verdictOf(row, name) === 'passed' || isCopiedIn(row, name)) &&
            (row.isOfBody !== true || hasBody) &&
            isUsedIn(row, { method: known, status }),
        )
        .map((row) => headerKey(row.name)),
    );
    sets.set(key, keys);
  }
  return keys;
}

function isCopiedIn(row: HeaderRow, name: PassageName): boolean {
  return row.isCopied === true && verdictOf(row, name) === 'mapped';
}

function isMapped(key: string, passage: Passage): boolean {
  const row = rowsByKey.get(key);
  return row !== undefined && verdictOf(row, passage.name) === 'mapped' && isUsedIn(row, passage);
}

/** RFC 7462: a ringing tone by name passes; by address it would be that of a server of the other network. */
function copyTones(from: Headers, to: Headers): void {
  if (!from.has('Alert-Info')) return;
  for (const tone of from.list('Alert-Info')) {
    if (tone.toLowerCase().startsWith('<urn:alert:')) to.append('Alert-Info', tone);
  }
}

/** As they are registered: there are peers that compare them letter by letter. */
function copyOptions(from: Headers, to: Headers, { withheld }: Passage): void {
  for (const name of ['Require', 'Supported'] as const) {
    if (!from.has(name)) continue;
    const passing: string[] = [];
    for (const option of from.list(name)) {
      const registered = transparentOptions.get(option.toLowerCase());
      if (registered === undefined) continue;
      if (name === 'Supported' && withheld?.has(registered) === true) continue;
      passing.push(registered);
    }
    if (passing.length > 0) to.append(name, passing.join(', '));
  }
}

/** RFC 3261 §20.5: who gives none says nothing of what it takes, so nothing is said of it. */
function copyAllow(from: Headers, to: Headers, { relaysRefer = false }: Passage): void {
  if (!from.has('Allow')) return;
  const allowed = from
    .list('Allow')
    .filter((method) => carriedMethods.has(method) && (relaysRefer || method !== 'REFER'));
  if (allowed.length > 0) to.append('Allow', allowed.join(', '));
}
