import type { JournalNote, JournalSender } from '@tandem/domain';
import type { JournalEntry } from '@tandem/proto/journal';
import { placeOf } from './places.ts';

/** Entries of a window that stand by themselves of those whose name nobody has, where nothing else is set. */
export const DEFAULT_ENTRIES = 200;

/** How many entries of a window stand by themselves; see `Gathering`. */
export interface MostGathered {
  readonly proved: number;
  readonly claimed: number;
  readonly unknown: number;
  readonly place: number;
  /** User names from one address, proved ones aside. */
  readonly names: number;
}

/** @param entries of names that nobody has (SS_JOURNAL_STRANGER_ENTRIES); the other bounds follow from it */
export function mostGathered(entries: number): MostGathered {
  return {
    proved: Math.max(10_000, entries * 10),
    claimed: entries * 10,
    unknown: entries,
    place: entries,
    names: Math.ceil(entries / 4),
  };
}

/** Call-IDs that an entry keeps: the first ones, and the last. */
export const MOST_CALL_IDS = 16;

const LONGEST_TEXT = 256;
const LONGEST_NAME = 64;

/** Makes an id that no other process makes. */
export type NextId = () => string;

interface Open {
  readonly entry: JournalEntry;
  readonly bucket: Bucket;
  readonly place: string;
  isChanged: boolean;
}

type Bucket = JournalSender | 'place' | 'all';

interface Slot {
  readonly bucket: Bucket;
  readonly key: string;
  /** What an entry of several names or sources does not tell. */
  readonly hides: Partial<
    Pick<JournalEntry, 'terminal' | 'account' | 'source' | 'caller' | 'callee'>
  >;
}

/**
 * What happens again within a window is one entry with first, last and count (behaviour section 2). It is the same where cause,
 * name, address and contact are. Of those who have not proved themselves only so many stand by themselves: behind that an
 * entry is of all names from one address, and where there are too many of these, of all addresses.
 */
export class Gathering {
  readonly #windowMs: number;
  readonly #nextId: NextId;
  readonly #writer: string;
  readonly #open = new Map<string, Open>();
  readonly #sizes = new Map<string, number>();
  #most = mostGathered(DEFAULT_ENTRIES);

  /** @param writer as entries name it */
  constructor({
    windowMs,
    nextId,
    writer,
  }: {
    readonly windowMs: number;
    readonly nextId: NextId;
    readonly writer: string;
  }) {
    this.#windowMs = windowMs;
    this.#nextId = nextId;
    this.#writer = writer;
  }

  /** For what comes from now on. @param entries SS_JOURNAL_STRANGER_ENTRIES */
  limit(entries: number): void {
    this.#most = mostGathered(entries);
  }

  /** @returns a new entry, which is to be told at once; undefined where it has gone into one that was told before */
  take(note: JournalNote, nowMs: number): JournalEntry | undefined {
    const { place } = placeOf(note.source);
    const slot = this.#slotOf(note, place);
    const open = slot === undefined ? undefined : this.#open.get(slot.key);
    const atMs = note.atMs ?? nowMs;
    if (open !== undefined) {
      const { callIds, count, firstMs, id } = open.entry;
      const lastMs = Math.max(open.entry.lastMs, atMs);
      Object.assign(open.entry, this.#entryOf(note, slot), {
        id,
        firstMs,
        lastMs,
        count: count + (note.count ?? 1),
        callIds: withCallId(callIds, note.callId),
      });
      open.isChanged = true;
      return undefined;
    }
    const times = { id: this.#nextId(), firstMs: atMs, lastMs: atMs, count: note.count ?? 1 };
    const callIds = withCallId([], note.callId);
    const entry: JournalEntry = { ...this.#entryOf(note, slot), ...times, callIds };
    if (slot !== undefined) this.#keep(slot, { entry, place });
    // What is told must not change any more.
    return { ...entry };
  }

  /** Entries that have grown since they were told; those whose window is over are forgotten. */
  grown(nowMs: number): readonly JournalEntry[] {
    const grown: JournalEntry[] = [];
    for (const [key, open] of this.#open) {
      if (open.isChanged) grown.push({ ...open.entry });
      open.isChanged = false;
      if (open.entry.firstMs + this.#windowMs > nowMs) continue;
      this.#open.delete(key);
      this.#add(open.bucket, -1);
      this.#add(nameOf(open), -1);
    }
    return grown;
  }

  /** Where a note belongs; undefined: it stands by itself whatever comes. */
  #slotOf(note: JournalNote, place: string): Slot | undefined {
    const { cause, sender, terminal } = note;
    const contact = 'contact' in note.facts ? note.facts.contact : '';
    // What was wrong, in the words of whoever read it: of two faults neither is told for the other.
    const fault = 'fault' in note.facts ? note.facts.fault : '';
    const key = [cause, place, terminal, contact, note.callee ?? '', fault].join('\n');
    const own = { bucket: sender, key, hides: {} };
    if (this.#hasRoom(own, place)) return own;
    if (sender === 'proved') return undefined;
    const ofPlace: Slot = {
      bucket: 'place',
      key: [cause, place].join('\n'),
      hides: { terminal: '', account: '', caller: '', callee: '' },
    };
    if (this.#hasRoom(ofPlace, place)) return ofPlace;
    const hides = { terminal: '', account: '', source: '', caller: '', callee: '' };
    return { bucket: 'all', key: cause, hides };
  }

  #hasRoom({ bucket, key }: Slot, place: string): boolean {
    if (this.#open.has(key) || bucket === 'all') return true;
    if ((this.#sizes.get(bucket) ?? 0) >= this.#most[bucket]) return false;
    const names = this.#sizes.get(nameOf({ bucket, place })) ?? 0;
    return bucket === 'proved' || bucket === 'place' || names < this.#most.names;
  }

  #keep({ bucket, key }: Slot, { entry, place }: Pick<Open, 'entry' | 'place'>): void {
    this.#open.set(key, { entry, bucket, place, isChanged: false });
    this.#add(bucket, 1);
    this.#add(nameOf({ bucket, place }), 1);
  }

  #add(name: string, change: number): void {
    const size = (this.#sizes.get(name) ?? 0) + change;
    if (size > 0) this.#sizes.set(name, size);
    else this.#sizes.delete(name);
  }

  #entryOf(
    { account, callee = '', caller = '', cause, facts, source, terminal, userAgent }: JournalNote,
    slot: Slot | undefined,
  ): Omit<JournalEntry, 'id' | 'firstMs' | 'lastMs' | 'count' | 'callIds'> {
    return {
      cause,
      terminal: terminal.slice(0, LONGEST_NAME),
      account,
      source,
      userAgent: userAgent.slice(0, LONGEST_TEXT),
      facts: Object.entries(facts).flatMap(([name, value]) =>
        value === undefined ? [] : [{ name, value: String(value).slice(0, LONGEST_TEXT) }],
      ),
      writer: this.#writer,
      caller: caller.slice(0, LONGEST_NAME),
      callee: callee.slice(0, LONGEST_NAME),
      ...slot?.hides,
    };
  }
}

/** The first ones stay, the last one is known too: a client that repeats itself uses a new one for each attempt. */
function withCallId(callIds: readonly string[], callId = ''): string[] {
  const short = callId.slice(0, LONGEST_TEXT);
  if (short === '' || callIds.includes(short)) return [...callIds];
  return [...callIds.slice(0, MOST_CALL_IDS - 1), short];
}

/** Under what the names of an address are counted. */
function nameOf({ bucket, place }: Pick<Open, 'bucket' | 'place'>): string {
  return `${bucket} at ${place}`;
}
