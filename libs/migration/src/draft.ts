import { checkConfiguration, type Mistake } from '@tandem/config';
import { shownText, textIn } from './apply-mapping.ts';
import { keyField, type Block, type ImportedEntry, type Origin } from './entry.ts';
import type { Unfit } from './table.ts';

/** A document with what was imported, and where each entry of it came from. */
export interface Draft {
  readonly document: Block;
  /** By paths such as `phones[3]` and `rateGroups[0].rates[7]`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Entries by list. */
  readonly counts: Readonly<Record<string, number>>;
  /** Lines of a name that another line has. */
  readonly unfit: readonly Unfit[];
}

/** Mistakes of a draft: those that lines are to blame for, and the others. */
export interface PlacedMistakes {
  readonly unfit: readonly Unfit[];
  readonly others: readonly Mistake[];
}

type Mutable = Record<string, unknown>;

/**
 * Puts entries into a copy of a document. One that has the name of an entry there takes its place, with the fields that
 * it has; those that it does not have stay as they are.
 */
export function draftOf(base: Block, entries: readonly ImportedEntry[]): Draft {
  const draft = new Drafting(base);
  // What others belong to comes first.
  const isPart = ({ list }: ImportedEntry): boolean => list === 'rates' || list === 'prefixes';
  for (const entry of entries) if (!isPart(entry)) draft.put(entry);
  for (const entry of entries) if (isPart(entry)) draft.putPart(entry);
  return draft;
}

/** Checks a draft as the switch does, and says which lines do not fit. */
export function checkDraft(draft: Draft): PlacedMistakes {
  const checked = checkConfiguration(draft.document);
  return checked.kind === 'valid' ? { unfit: [], others: [] } : placeMistakes(checked.mistakes, draft); // prettier-ignore
}

/** Finds the lines that mistakes in a draft come from. */
export function placeMistakes(mistakes: readonly Mistake[], { origins }: Draft): PlacedMistakes {
  const unfit: Unfit[] = [];
  const others: Mistake[] = [];
  for (const mistake of mistakes) {
    const entry = [...mistake.path.matchAll(/\](?=\.|$)/g)]
      .map(({ index }) => mistake.path.slice(0, index + 1))
      .findLast((path) => origins.has(path));
    const origin = entry === undefined ? undefined : origins.get(entry);
    if (entry === undefined || origin === undefined) {
      others.push(mistake);
      continue;
    }
    const field = mistake.path.slice(entry.length + 1);
    const column = columnOf(origin, field === '' ? partField(entry, origin) : field);
    unfit.push({
      file: origin.file,
      line: origin.line,
      column,
      found: column === '' ? '' : shownText(field, origin.found(column)),
      message: column === '' && field !== '' ? `${field} ${mistake.message}` : mistake.message,
    });
  }
  return { unfit, others };
}

/** The column of a field, or of the nearest that it is in. */
function columnOf({ columns }: Origin, field: string): string {
  const steps = field.split(/\.|(?=\[)/);
  for (let length = steps.length; length > 0; length -= 1) {
    const path = steps.slice(0, length).join('.').replaceAll('.[', '[');
    const found = columns.get(path);
    if (found !== undefined) return found;
  }
  return '';
}

/** The field that an entry of a list within an entry is of: `prefixes` of `routingGateways[0].prefixes[2]`. */
function partField(entry: string, { columns }: Origin): string {
  const list = /\.(\w+)\[\d+\]$/.exec(entry)?.[1] ?? '';
  return columns.has(list) ? list : 'prefix';
}

class Drafting implements Draft {
  readonly document: Mutable;
  readonly origins = new Map<string, Origin>();
  readonly counts: Record<string, number> = {};
  readonly unfit: Unfit[] = [];
  /** Places by list and key. */
  readonly #places = new Map<string, Map<string, number>>();

  constructor(base: Block) {
    this.document = { ...base };
  }

  put(entry: ImportedEntry): void {
    const { collects = [], key, list, origin, value } = entry;
    const entries = this.#listOf(list);
    const places = this.#placesOf(list, list, keyField(list));
    const at = places.get(key);
    const path = `${list}[${String(at ?? entries.length)}]`;
    const earlier = this.origins.get(path);
    if (earlier !== undefined && collects.length === 0) {
      this.#twice(entry, earlier);
      return;
    }
    if (at === undefined) {
      places.set(key, entries.length);
      entries.push(value);
    } else if (earlier === undefined) entries[at] = { ...entries[at], ...value };
    else this.#collect(entry, entries, at);
    if (earlier === undefined) this.#count(list, path, origin);
  }

  /** A rate of its group, or a prefix of its gateway. */
  putPart(entry: ImportedEntry): void {
    const isRate = entry.list === 'rates';
    const { group, gateway, currency, ...rate } = entry.value;
    const [owners, owner] = isRate ? (['rateGroups', group] as const) : (['routingGateways', gateway] as const); // prettier-ignore
    const name = typeof owner === 'string' ? owner : '';
    const entries = this.#listOf(owners);
    const places = this.#placesOf(owners, owners, 'name');
    let at = places.get(name);
    if (at === undefined) {
      if (!isRate) {
        this.#refuse(entry, 'gateway', 'names a routing gateway that is neither in the configuration nor imported'); // prettier-ignore
        return;
      }
      at = entries.length;
      places.set(name, at);
      entries.push({ name, currency: currency ?? 'USD', rates: [] });
    }
    const parts = isRate ? 'rates' : 'prefixes';
    const path = `${owners}[${String(at)}].${parts}`;
    const there = this.#ownCopy(owners, at, parts);
    const known = this.#placesOf(path, path, isRate ? ratePlace : String, there);
    const part = isRate ? rate : rate['prefix'];
    const key = isRate ? ratePlace(rate) : String(part);
    const place = known.get(key) ?? there.length;
    const earlier = this.origins.get(`${path}[${String(place)}]`);
    if (earlier !== undefined) {
      this.#twice(entry, earlier);
      return;
    }
    known.set(key, place);
    there[place] = part;
    this.#count(entry.list, `${path}[${String(place)}]`, entry.origin);
  }

  /** Adds what further lines of a name have to its lists. */
  #collect(
    { collects = [], list, origin, value }: ImportedEntry,
    entries: Block[],
    at: number,
  ): void {
    // prettier-ignore
    const merged: Mutable = { ...entries[at] };
    for (const field of collects) {
      const [there, more] = [merged[field], value[field]].map((each) => (Array.isArray(each) ? (each as unknown[]) : [])); // prettier-ignore
      const both = [...new Set([...(there ?? []), ...(more ?? [])])];
      for (let index = there?.length ?? 0; index < both.length; index += 1) {
        this.origins.set(`${list}[${String(at)}].${field}[${String(index)}]`, origin);
      }
      merged[field] = both;
    }
    entries[at] = merged;
  }

  #count(list: string, path: string, origin: Origin): void {
    this.origins.set(path, origin);
    this.counts[list] = (this.counts[list] ?? 0) + 1;
  }

  #twice(entry: ImportedEntry, { file, line }: Origin): void {
    const field = entry.list === 'rates' || entry.list === 'prefixes' ? 'prefix' : keyField(entry.list); // prettier-ignore
    this.#refuse(entry, field, `stands in line ${String(line)} of ${file}, too: keep one of the two`); // prettier-ignore
  }

  #refuse({ origin }: ImportedEntry, field: string, message: string): void {
    const column = columnOf(origin, field);
    const found = column === '' ? '' : origin.found(column);
    this.unfit.push({ file: origin.file, line: origin.line, column, found, message });
  }

  #listOf(list: string): Block[] {
    return this.#copied(this.document, list) as Block[];
  }

  #ownCopy(owners: string, at: number, parts: string): unknown[] {
    const entries = this.#listOf(owners);
    const owner: Mutable = this.#isOwn.has(entries[at] ?? {}) ? (entries[at] as Mutable) : { ...entries[at] }; // prettier-ignore
    this.#isOwn.add(owner);
    entries[at] = owner;
    return this.#copied(owner, parts);
  }

  readonly #isOwn = new WeakSet();

  /** The list of a key, as one that may be changed. */
  #copied(block: Mutable, key: string): unknown[] {
    const there = block[key];
    if (Array.isArray(there) && this.#isOwn.has(there)) return there as unknown[];
    const copy: unknown[] = Array.isArray(there) ? [...(there as unknown[])] : [];
    this.#isOwn.add(copy);
    block[key] = copy;
    return copy;
  }

  #placesOf(
    id: string,
    list: string,
    key: string | ((entry: Block) => string),
    entries: readonly unknown[] = this.#listOf(list),
  ): Map<string, number> {
    let places = this.#places.get(id);
    if (places === undefined) {
      const nameOf = typeof key === 'function' ? key : (entry: Block) => String(entry[key]);
      places = new Map(entries.map((entry, at) => [nameOf(entry as Block), at]));
      this.#places.set(id, places);
    }
    return places;
  }
}

/** A prefix may have several rates, one after the other. */
function ratePlace(rate: Block): string {
  return `${textIn(rate, 'prefix')} ${textIn(rate, 'effectiveFrom')}`;
}
