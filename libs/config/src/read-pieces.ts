import { PrefixIndex } from '@tandem/domain';
import { completeConfiguration } from './complete-configuration.ts';
import type { Configuration, Rate, SlimConfiguration } from './document.ts';
import type { ChangedLists, DocumentPieces } from './document-pieces.ts';
import {
  RatePacker,
  RouteOwners,
  RoutePacker,
  type PackedLists,
  type PackedRates,
  type PackedRoutes,
} from './packed-lists.ts';
import { slimmed } from './snapshots.ts';

/** A version whose lists are packed already. */
export interface KnownLists {
  readonly version: number;
  readonly lists: PackedLists;
}

/** What is left when all pieces are read. */
export interface ReadPieces {
  /** Lists whose elements were handed on are empty. */
  readonly head: SlimConfiguration;
  readonly lists: PackedLists;
  /** What was read anew; undefined: all. */
  readonly changes: ChangedLists | undefined;
}

/** Takes elements of a list of the document, some at a time; resolves when there is room for more. */
export type TakeElements = (list: string, elements: readonly unknown[]) => Promise<void>;

/** Elements that are handed on at a time: some two milliseconds for whoever takes them. */
const MOST_AT_ONCE = 200;
const MOST_RATES_AT_ONCE = 1000;
/** No list of a document has a name with a space. */
const RATES_OF = 'rates ';

/**
 * Reads a version, its lists packed as they come. Where the lists of an older one are known, only those are read that
 * are others: of a routing gateway all of its prefixes, of a rate group all of its rates.
 * @throws ZodError where a document of another release does not fit
 */
export async function readPieces(
  pieces: DocumentPieces,
  take: TakeElements,
  known?: KnownLists,
): Promise<ReadPieces> {
  await pieces.open();
  const shape = (await pieces.shape()) ?? '';
  const head = slimmed(completed(await pieces.head(), shape));
  const changes = await changesSince(pieces, shape, known);
  const before = changes === undefined ? undefined : known?.lists;
  const reading = { pieces, shape, changes };
  const routes = await readRoutes(reading, before?.routes, take);
  const rates = await readRates(reading, before?.rates);
  for (const { name } of head.rateGroups) {
    if (!rates.has(name)) rates.set(name, new RatePacker().finish());
  }
  return { head: await handOnLists(head, take), lists: { routes, rates }, changes };
}

/**
 * Reads a version with its long lists, which are handed on as they come: rates as those of `rates GROUP`.
 * @returns what was not handed on; lists that were are empty
 * @throws ZodError where a document of another release does not fit
 */
export async function readWhole(pieces: DocumentPieces, take: TakeElements): Promise<unknown> {
  await pieces.open();
  const shape = (await pieces.shape()) ?? '';
  const head = completed(await pieces.head(), shape);
  for await (const chunk of pieces.gateways()) {
    const { routingGateways } = completed({ routingGateways: chunk }, shape);
    await take('routingGateways', routingGateways);
  }
  for await (const { group, rates } of ratesOf(pieces, shape)) {
    for (let at = 0; at < rates.length; at += MOST_RATES_AT_ONCE) {
      await take(`${RATES_OF}${group}`, rates.slice(at, at + MOST_RATES_AT_ONCE));
    }
  }
  return handOnLists(head, take);
}

/** What `readWhole` gave, put together. @param lists what was handed on, by name */
export function wholeOf(
  head: unknown,
  lists: ReadonlyMap<string, readonly unknown[]>,
): Configuration {
  const named = [...lists].filter(([name]) => !name.startsWith(RATES_OF));
  const document = { ...(head as Configuration), ...Object.fromEntries(named) };
  return {
    ...document,
    rateGroups: document.rateGroups.map((group) => ({
      ...group,
      rates: (lists.get(`${RATES_OF}${group.name}`) ?? []) as Rate[],
    })),
  };
}

interface Reading {
  readonly pieces: DocumentPieces;
  readonly shape: string;
  readonly changes: ChangedLists | undefined;
}

/** Undefined where the whole is to be read: nothing is known, of another release, or what is known has grown too hollow. */
async function changesSince(
  pieces: DocumentPieces,
  shape: string,
  known: KnownLists | undefined,
): Promise<ChangedLists | undefined> {
  if (known === undefined || isHollow(known.lists.routes)) return undefined;
  return pieces.changes(known.version, shape);
}

async function readRoutes(
  { pieces, shape, changes }: Reading,
  before: PackedRoutes | undefined,
  take: TakeElements,
): Promise<PackedRoutes> {
  const packer = new RoutePacker(before, (name) => changes?.gateways.has(name) === false);
  for await (const chunk of pieces.gateways(changes?.gateways)) {
    const { routingGateways } = completed({ routingGateways: chunk }, shape);
    await take(
      'routingGateways',
      routingGateways.map(({ prefixes, ...gateway }) => {
        if (changes?.gateways.has(gateway.name) !== false) packer.add(gateway, prefixes);
        return gateway;
      }),
    );
  }
  return packer.finish();
}

async function readRates(
  { pieces, shape, changes }: Reading,
  before: PackedLists['rates'] = new Map(),
): Promise<Map<string, PackedRates>> {
  const rates = new Map([...before].filter(([name]) => changes?.rateGroups.has(name) === false));
  if (changes?.rateGroups.size === 0) return rates;
  const packers = new Map<string, RatePacker>();
  for await (const { group, rates: some } of ratesOf(pieces, shape, changes?.rateGroups)) {
    const packer = packers.get(group) ?? new RatePacker();
    packers.set(group, packer);
    for (const rate of some) packer.add(rate);
  }
  for (const [group, packer] of packers) rates.set(group, packer.finish());
  return rates;
}

/** Rates, some at a time, each time of one group. @param groups of which ones. @default of all */
async function* ratesOf(
  pieces: DocumentPieces,
  shape: string,
  groups?: ReadonlySet<string>,
): AsyncIterable<{ readonly group: string; readonly rates: readonly Rate[] }> {
  for await (const chunk of pieces.rates(groups)) {
    const byGroup = Map.groupBy(chunk as [string, Rate][], ([group]) => group);
    for (const [group, entries] of byGroup) {
      const list = entries.map(([, rate]) => rate);
      const whole = { rateGroups: [{ name: group, currency: 'USD', rates: list }] };
      yield { group, rates: completed(whole, shape).rateGroups[0]?.rates ?? [] };
    }
  }
}

/** Hands on the elements of long lists, and leaves the rest. */
async function handOnLists<Head extends object>(head: Head, take: TakeElements): Promise<Head> {
  const left: Record<string, unknown> = Object.fromEntries(Object.entries(head));
  for (const [name, value] of Object.entries(head)) {
    if (!Array.isArray(value) || value.length <= MOST_AT_ONCE) continue;
    for (let at = 0; at < value.length; at += MOST_AT_ONCE) {
      await take(name, value.slice(at, at + MOST_AT_ONCE));
    }
    left[name] = [];
  }
  return left as Head;
}

/** A part of a document, as this release has it. */
function completed(part: Record<string, unknown>, shape: string): Configuration {
  return completeConfiguration(part, shape);
}

/** Whether half of the prefixes, or of the gateways, have nothing left: a load of the whole leaves them out. */
function isHollow(routes: PackedRoutes): boolean {
  const { prefixes, starts, values } = new PrefixIndex(routes.index);
  let empty = 0;
  for (let ordinal = 0; ordinal < prefixes; ordinal++) {
    if (starts[ordinal] === starts[ordinal + 1]) empty += 1;
  }
  const present = new Set(values);
  return empty * 2 > prefixes || present.size * 2 < new RouteOwners(routes).size;
}
