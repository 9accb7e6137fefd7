import { parseNetwork } from '@tandem/config';
import { Registration } from '@tandem/proto/registrar';
import type {
  ListRegistrationsRequest,
  ListRegistrationsResponse,
  RegistrationFilter,
  RemoveRegistrationsRequest,
  RemoveRegistrationsResponse,
} from '@tandem/proto/registrar';
import { isExpiring, isFlapping, isHeld } from './core/binding.ts';
import type { Binding } from './core/binding.ts';
import {
  addressKey,
  agentKey,
  compareKeys,
  foldedAgent,
  memberOf,
  membersOf,
  readMember,
  sourceKey,
} from './core/index-keys.ts';
import type { Phones, RegisterPolicy } from './core/policy.ts';
import type { BindingStore, Held, Index, IndexEntry } from './ports.ts';
import { phonesIn } from './registrar.ts';
import type { Registrar, RegistrarParts } from './registrar.ts';

/** Phones that are read for one page: where few of them match, the page is short, and the next goes on behind them. */
const MOST_READ = 1000;
const READ_AT_ONCE = 500;
const MOST_ROWS = 1000;
const DEFAULT_ROWS = 50;

/** The lists of registrations, and what an operator does to them (REG-05). */
export class RegistrationLists {
  readonly #parts: Pick<RegistrarParts, 'phones' | 'store'>;
  readonly #registrar: Registrar;

  constructor(parts: Pick<RegistrarParts, 'phones' | 'store'>, registrar: Registrar) {
    this.#parts = parts;
    this.#registrar = registrar;
  }

  /** One page. The time that it takes does not depend on how many there are, nor on which page it is. */
  async list(request: ListRegistrationsRequest): Promise<ListRegistrationsResponse> {
    const { limit } = request;
    const rows = limit === 0 ? DEFAULT_ROWS : Math.min(limit, MOST_ROWS);
    const page = await this.#page(request, rows);
    return { ...page, total: await this.#parts.store.count() };
  }

  /** Every registration that matches, or one contact of a phone. */
  async remove({
    contact,
    filter,
    operator,
  }: RemoveRegistrationsRequest): Promise<RemoveRegistrationsResponse> {
    let removed = 0;
    let cursor = '';
    do {
      const page = await this.#page({ filter, sort: '', limit: 0, cursor }, DEFAULT_ROWS);
      for (const row of page.registrations) {
        if (row.contact === '' || (contact !== '' && row.contact !== contact)) continue;
        const isMeant = (each: { readonly contact: string }): boolean =>
          each.contact === row.contact;
        removed += await this.#registrar.remove(row.phone, isMeant, operator);
      }
      cursor = page.nextCursor;
    } while (cursor !== '');
    return { removed };
  }

  async #page(
    request: ListRegistrationsRequest,
    rows: number,
  ): Promise<Omit<ListRegistrationsResponse, 'total'>> {
    const phones = phonesIn(this.#parts);
    const walk = await walkOf(request, phones, this.#parts.store);
    const registrations: Registration[] = [];
    let after = request.cursor === '' ? undefined : readCursor(request.cursor);
    for (let read = 0; read < MOST_READ;) {
      // One more than a page tells whether there is another one.
      const wanted = read === 0 ? Math.min(rows + 1, READ_AT_ONCE) : READ_AT_ONCE;
      const entries = await walk.entries(after, wanted);
      const held = await this.#parts.store.readAll(entries.map(({ phone }) => phone));
      for (const [at, entry] of entries.entries()) {
        const found = rowsOf({ entry, held: held[at], phones, request, walk });
        // A phone's rows stay together, so that a cursor stands between phones.
        if (registrations.length > 0 && registrations.length + found.length > rows) {
          return { registrations, nextCursor: writeCursor(after ?? '') };
        }
        registrations.push(...found);
        after = entry.key;
      }
      read += entries.length;
      if (entries.length < wanted) return { registrations, nextCursor: '' };
      if (registrations.length >= rows) break;
    }
    return { registrations, nextCursor: writeCursor(after ?? '') };
  }
}

/** How a list is gone through: in the order of an index, or of the configured phones. */
interface Walk {
  readonly index: Index;
  entries(after: string | undefined, limit: number): Promise<readonly IndexEntry[]>;
}

/** The way that goes past the fewest which are not asked for, in the order that is asked for where that can be had. */
async function walkOf(
  { filter, sort }: ListRegistrationsRequest,
  phones: Phones,
  store: BindingStore,
): Promise<Walk> {
  const narrow = narrowWalk(filter, phones, store);
  // Those that expire soon stand together in one order alone.
  const order = sort === '' && filter?.status === 'expiring' ? 'expires' : sort;
  const index = indexes[order];
  // Who is not registered is in no index.
  const isAsIs = index === undefined || filter?.status === 'unregistered';
  if (narrow !== undefined && (isAsIs || index === narrow.index)) return narrow;
  const whole = overIndex(store, index ?? 'phone', rangesOf(filter)[index ?? 'phone']);
  if (narrow === undefined) return whole;
  const few = await narrow.entries(undefined, MOST_READ + 1);
  if (few.length <= MOST_READ) return overFew(few, whole.index, store);
  return index === 'phone' ? narrow : whole;
}

/** By what a filter leaves the fewest of; undefined where every phone may be asked for. */
function narrowWalk(
  filter: RegistrationFilter | undefined,
  phones: Phones,
  store: BindingStore,
): Walk | undefined {
  const { account = '', kind = '', phone = '' } = filter ?? {};
  if (phone !== '' && !phone.endsWith('*')) return overNames([phone]);
  // There are few of them, and phones are nearly all.
  if (kind === 'gateway') return overNames(beginning(phones.gateways, phone));
  const ofStatus = statusIndexes[filter?.status ?? ''];
  if (ofStatus !== undefined) return overIndex(store, ofStatus, undefined);
  if (account !== '' || filter?.status === 'unregistered') {
    return overNames(namesIn(phones, account, phone));
  }
  const ranges = rangesOf(filter);
  const index = (['source', 'phone', 'user-agent'] as const).find((each) => ranges[each]);
  return index === undefined ? undefined : overIndex(store, index, ranges[index]);
}

/** Few have these, and an index has them. */
const statusIndexes: Readonly<Record<string, Index | undefined>> = {
  unreachable: 'unreachable',
  flapping: 'flapping',
};

function overIndex(store: BindingStore, index: Index, range: Range): Walk {
  return { index, entries: (after, limit) => store.list({ index, ...range, after, limit }) };
}

/** Found by one index, gone through in the order of another. */
async function overFew(
  found: readonly IndexEntry[],
  index: Index,
  store: BindingStore,
): Promise<Walk> {
  const phones = [...new Set(found.map(({ phone }) => phone))];
  const held = await store.readAll(phones);
  const entries = phones
    .flatMap((phone, at) => {
      const members = membersOf(phone, held[at]?.bindings ?? []);
      return [...members[index]].map((key) => ({ key, phone }));
    })
    .sort((a, b) => compareKeys(a.key, b.key));
  return {
    index,
    entries: (after, limit) => {
      const isNext = ({ key }: IndexEntry): boolean => compareKeys(key, after ?? '') > 0;
      const start = after === undefined ? 0 : entries.findIndex(isNext);
      return Promise.resolve(start < 0 ? [] : entries.slice(start, start + limit));
    },
  };
}

const indexes: Readonly<Record<string, Index | undefined>> = {
  phone: 'phone',
  source: 'source',
  'user-agent': 'user-agent',
  expires: 'expires',
};

type Range = { readonly from: string; readonly to: string } | undefined;

function rangesOf(filter: RegistrationFilter | undefined): Partial<Record<Index, Range>> {
  const { phone = '', source = '', userAgent = '' } = filter ?? {};
  const begins = (text: string): Range => (text === '' ? undefined : { from: text, to: text });
  return {
    phone: begins(phone.replace(/\*$/, '')),
    'user-agent': begins(agentKey(userAgent)),
    source: blockOf(source),
  };
}

function blockOf(source: string): Range {
  const network = source === '' ? undefined : parseNetwork(source);
  if (network === undefined || typeof network === 'string') return undefined;
  const { first, last, version } = network;
  return { from: addressKey(version, first), to: addressKey(version, last) };
}

function namesIn(phones: Phones, account: string, phone: string): readonly string[] {
  const names = account === '' ? phones.names : (phones.ofAccount.get(account) ?? []);
  return beginning(names, phone);
}

function beginning(names: readonly string[], phone: string): readonly string[] {
  const start = phone.replace(/\*$/, '');
  return start === '' ? names : names.filter((name) => name.startsWith(start));
}

function overNames(names: readonly string[]): Walk {
  return {
    index: 'phone',
    entries: (after, limit) => {
      const start = after === undefined ? 0 : firstBehind(names, after);
      const some = names.slice(start, start + limit);
      return Promise.resolve(some.map((phone) => ({ key: phone, phone })));
    },
  };
}

/** They are sorted. */
function firstBehind(names: readonly string[], after: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? '') > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Looked {
  readonly entry: IndexEntry;
  readonly held: Held | undefined;
  readonly phones: Phones;
  readonly request: Pick<ListRegistrationsRequest, 'filter'>;
  readonly walk: Walk;
}

/** The bindings of a phone that an entry stands for and the filter asks for. */
function rowsOf({ entry, held, phones, request: { filter }, walk }: Looked): Registration[] {
  const { phone, key } = entry;
  if (held === undefined) return [];
  const policy = phones.policies.get(phone);
  if (!isOfPhone(phone, policy, filter)) return [];
  const bindings = held.bindings.filter((binding) => isHeld(binding, held.nowMs));
  if (bindings.length === 0) {
    const isAsked = filter?.status === 'unregistered' && policy !== undefined;
    return isAsked ? [unregistered(phone, policy)] : [];
  }
  return bindings
    .filter((binding) => isOfEntry(binding, { key, phone, index: walk.index }))
    .map((binding) => rowOf(phone, binding, { bindings, policy, nowMs: held.nowMs }))
    .filter((row) => matches(row, filter));
}

/** What a filter says of the phone itself. */
function isOfPhone(
  phone: string,
  policy: RegisterPolicy | undefined,
  filter: RegistrationFilter | undefined,
): boolean {
  const { account = '', kind = '', phone: named = '' } = filter ?? {};
  if (kind !== '' && policy?.kind !== kind) return false;
  if (account !== '' && policy?.account !== account) return false;
  return named.endsWith('*')
    ? phone.startsWith(named.slice(0, -1))
    : named === '' || named === phone;
}

/** A phone stands in some indexes once for each of its addresses or clients. */
function isOfEntry(
  binding: Binding,
  { index, key, phone }: { readonly index: Index; readonly key: string; readonly phone: string },
): boolean {
  if (index === 'source') return memberOf(sourceKey(binding), phone) === key;
  return index !== 'user-agent' || memberOf(agentKey(binding.userAgent), phone) === key;
}

function matches(row: Registration, filter: RegistrationFilter | undefined): boolean {
  const { source = '', status = '', userAgent = '' } = filter ?? {};
  if (status !== '' && row.status !== status) return false;
  if (!foldedAgent(row.userAgent).startsWith(foldedAgent(userAgent))) return false;
  if (source === '') return true;
  const range = blockOf(source);
  const at = sourceKey(row);
  return range !== undefined && at >= range.from && at <= range.to;
}

function rowOf(
  phone: string,
  binding: Binding,
  {
    bindings,
    nowMs,
    policy,
  }: {
    readonly bindings: readonly Binding[];
    readonly nowMs: number;
    readonly policy: RegisterPolicy | undefined;
  },
): Registration {
  const { contact, cseq, edge, expiresMs, flow, instance, isBehindNat, path, q } = binding;
  const { refreshedMs, registeredMs, regId, sipCallId, source, transport, userAgent } = binding;
  const { answeredMs, missed, rttMs, takenOverMs, takeovers } = binding;
  return {
    phone,
    account: policy?.account ?? '',
    kind: policy?.kind ?? 'phone',
    status: statusOf(binding, bindings, nowMs),
    contact,
    expiresMs,
    source,
    transport,
    userAgent,
    registeredMs,
    refreshedMs,
    isBehindNat,
    q,
    instance,
    regId,
    path: [...path],
    edge,
    sipCallId,
    cseq,
    flow,
    answeredMs,
    rttMs,
    missed,
    takeovers,
    takenOverMs,
  };
}

function statusOf(binding: Binding, all: readonly Binding[], nowMs: number): string {
  if (binding.isUnreachable) return 'unreachable';
  if (isFlapping(all, nowMs)) return 'flapping';
  return isExpiring(binding, nowMs) ? 'expiring' : 'registered';
}

function unregistered(phone: string, { account, kind }: RegisterPolicy): Registration {
  return Registration.create({ phone, account, kind, status: 'unregistered' });
}

function writeCursor(key: string): string {
  return key === '' ? '' : Buffer.from(key).toString('base64url');
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  return key === '' ? readMember('').phone : key;
}
