import { PrefixIndex, PrefixIndexBuilder } from '@tandem/domain';
import type { Rate, RoutingGateway } from './document.ts';
import { PackedTexts, PackedTextsBuilder, packTexts } from './packed-texts.ts';

/** What decides the order of the gateways of a prefix, as far as no call has a part in it (ROUTE-04). */
export type RouteOwner = Pick<RoutingGateway, 'name' | 'priority'>;

/**
 * The long lists of a configuration, a million rules or more (ROUTE-14): in buffers that threads share, so that they are
 * handed over as they are. Immutable; a version that changes little shares what it does not change.
 */
export interface PackedLists {
  readonly routes: PackedRoutes;
  /** Of each rate group, by its name. */
  readonly rates: ReadonlyMap<string, PackedRates>;
  /** Versions of the sheets that were imported, by rate group. @default all rates are those of the configuration */
  readonly sheets?: ReadonlyMap<string, number> | undefined;
}

/** Routing gateways by prefix. */
export interface PackedRoutes {
  /** Of a `PrefixIndex`; gateways of one prefix by priority, then name. */
  readonly index: SharedArrayBuffer;
  /** Of `RouteOwners`: whom its values stand for. Some may have no prefix, and be gone from the configuration. */
  readonly owners: SharedArrayBuffer;
}

/** Rates by prefix. */
export interface PackedRates {
  /** Of a `PrefixIndex`: the numbers of texts; a prefix has several where its rates have times (BILL-02). */
  readonly index: SharedArrayBuffer;
  /** Of `PackedTexts`: what a rate says besides its prefix, as JSON. */
  readonly terms: SharedArrayBuffer;
  /** The names of what stands there, by the number before it. */
  readonly fields: readonly (readonly string[])[];
}

/** Packs the lists of a document that is there as a whole. */
export function packLists(document: {
  readonly routingGateways: readonly (RouteOwner & Pick<RoutingGateway, 'prefixes'>)[];
  readonly rateGroups: readonly { readonly name: string; readonly rates: readonly Rate[] }[];
}): PackedLists {
  const routes = new RoutePacker();
  for (const { prefixes, ...owner } of document.routingGateways) routes.add(owner, prefixes);
  const rates = new Map<string, PackedRates>();
  for (const group of document.rateGroups) {
    const packer = new RatePacker();
    for (const rate of group.rates) packer.add(rate);
    rates.set(group.name, packer.finish());
  }
  return { routes: routes.finish(), rates };
}

/** Whom the values of routes stand for. In a buffer, too: as objects ten thousand take some 20 ms to be handed over. */
export class RouteOwners {
  readonly #texts: PackedTexts;

  constructor({ owners }: Pick<PackedRoutes, 'owners'>) {
    this.#texts = new PackedTexts(owners);
  }

  get size(): number {
    return this.#texts.size;
  }

  at(number: number): RouteOwner {
    const text = this.#texts.text(number);
    const space = text.indexOf(' ');
    return { name: text.slice(space + 1), priority: Number(text.slice(0, space)) };
  }

  *[Symbol.iterator](): Generator<RouteOwner> {
    for (let number = 0; number < this.size; number++) yield this.at(number);
  }
}

function packOwners(owners: readonly RouteOwner[]): SharedArrayBuffer {
  return packTexts(owners.map(({ name, priority }) => `${String(priority)} ${name}`)).buffer;
}

/** Gathers the prefixes of routing gateways. */
export class RoutePacker {
  readonly #builder: PrefixIndexBuilder;
  readonly #owners: RouteOwner[];
  readonly #numbers = new Map<string, number>();

  /**
   * @param before routes to begin with. @default none
   * @param isKept whose prefixes stay as they were there
   */
  constructor(before?: PackedRoutes, isKept: (name: string) => boolean = () => true) {
    this.#owners = before === undefined ? [] : [...new RouteOwners(before)];
    for (const [number, { name }] of this.#owners.entries()) this.#numbers.set(name, number);
    const kept = this.#owners.map(({ name }) => isKept(name));
    this.#builder =
      before === undefined
        ? new PrefixIndexBuilder()
        : PrefixIndexBuilder.from(new PrefixIndex(before.index), (owner) => kept[owner] === true);
  }

  /**
   * @param owner one that was not kept
   * @throws RangeError where a prefix is none
   */
  add({ name, priority }: RouteOwner, prefixes: readonly string[]): void {
    const number = this.#numbers.get(name) ?? this.#owners.length;
    this.#numbers.set(name, number);
    this.#owners[number] = { name, priority };
    for (const prefix of prefixes) this.#builder.add(prefix, number);
  }

  finish(): PackedRoutes {
    const ranks = ranksOf(this.#owners);
    const { buffer } = this.#builder.finish((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0));
    return { index: buffer, owners: packOwners(this.#owners) };
  }
}

/** What a rate says besides its prefix. */
export type RateTerms = Omit<Rate, 'prefix'>;

/** Gathers the rates of one group. */
export class RatePacker {
  readonly #builder: PrefixIndexBuilder;
  readonly #terms = new PackedTextsBuilder();
  readonly #fields = new Map<string, number>();

  /** @param expected prefixes that will come; needed where they come in the order of another index. @default few */
  constructor(expected = 0) {
    this.#builder = new PrefixIndexBuilder(expected);
  }

  /** @throws RangeError where its prefix is none */
  add({ prefix, ...terms }: Rate): void {
    this.enter(prefix, this.numberOf(terms));
  }

  /** @throws RangeError where the prefix is none */
  enter(prefix: string, terms: number): void {
    this.#builder.add(prefix, terms);
  }

  /** The number of some terms: a sheet of a million rates has some thousand of them. */
  numberOf(terms: RateTerms): number {
    const names = Object.keys(terms).join(' ');
    const fields = this.#fields.get(names) ?? this.#fields.size;
    this.#fields.set(names, fields);
    return this.#terms.add(JSON.stringify([fields, ...Object.values(terms)]));
  }

  finish(): PackedRates {
    return {
      index: this.#builder.finish().buffer,
      terms: this.#terms.finish().buffer,
      fields: [...this.#fields.keys()].map((names) => names.split(' ')),
    };
  }
}

/** Reads rates out of what was packed. */
export class RateReader {
  readonly index: PrefixIndex;
  readonly #terms: PackedTexts;
  readonly #fields: PackedRates['fields'];

  constructor({ index, terms, fields }: PackedRates) {
    this.index = new PrefixIndex(index);
    this.#terms = new PackedTexts(terms);
    this.#fields = fields;
  }

  /** The rate as it stood in the document, its prefix without `+`. */
  rate(value: number, prefix: string): Rate {
    return { prefix, ...this.terms(value) };
  }

  /** What it says besides. */
  terms(value: number): RateTerms {
    const [fields, ...values] = JSON.parse(this.#terms.text(value)) as [number, ...unknown[]];
    const names = this.#fields[fields] ?? [];
    return Object.fromEntries(names.map((name, at) => [name, values[at]])) as unknown as RateTerms;
  }
}

/** The place of each in the order of priority, then name. */
function ranksOf(owners: readonly RouteOwner[]): Uint32Array {
  const order = owners.map((_, number) => number);
  order.sort((a, b) => compareOwners(owners[a], owners[b]));
  const ranks = new Uint32Array(owners.length);
  for (const [rank, number] of order.entries()) ranks[number] = rank;
  return ranks;
}

function compareOwners(a: RouteOwner | undefined, b: RouteOwner | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a.priority - b.priority || (a.name < b.name ? -1 : 1);
}
