import type { Mistake } from '@tandem/config';
import { countMissing, listContent, numbersOf, readListNumber } from '@tandem/domain';
import type { NumberListContent } from '@tandem/domain';
import type { NumberListStore } from './ports.ts';

/** What is to become of a list, and how that is kept. */
export interface ListChange {
  readonly name: string;
  /** Nothing is stored. */
  readonly isDryRun: boolean;
  readonly note: string;
  readonly appliedBy: string;
  /** The version that whoever changes it has seen: where there is another one, nothing is changed. */
  readonly seenVersion?: string | undefined;
}

/** Somebody else has changed it since it was read. */
export interface StaleList {
  readonly kind: 'stale';
  readonly version: number;
}

/** What became of it. */
export interface ChangedList {
  readonly name: string;
  readonly version: number;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
  readonly numbers: number;
  readonly added: number;
  readonly removed: number;
}

const nothing: NumberListContent = { packed: new Float64Array(0), others: [] };

/** Puts another content in the place of what is in a list; an equal one makes no version. */
export async function changeList(
  store: NumberListStore,
  { appliedBy, name, isDryRun, note, seenVersion }: ListChange,
  next: (current: NumberListContent) => NumberListContent,
): Promise<ChangedList | StaleList> {
  let stale: StaleList | undefined;
  let made = { numbers: 0, added: 0, removed: 0 };
  const stored = await store.change(
    name,
    (current = nothing, version) => {
      if (seenVersion !== undefined && seenVersion !== String(version)) {
        stale = { kind: 'stale', version };
        return undefined;
      }
      const content = next(current);
      const [added, removed] = [countMissing(content, current), countMissing(current, content)];
      made = { numbers: content.packed.length + content.others.length, added, removed };
      return isDryRun || added + removed === 0 ? undefined : content;
    },
    { appliedBy, note },
  );
  if (stale !== undefined) return stale;
  const isChanged = made.added + made.removed > 0;
  const version = stored ?? (await nextVersion(store, name)) - (isChanged ? 0 : 1);
  return { name, version, isChanged, isDryRun, ...made };
}

async function nextVersion(store: NumberListStore, name: string): Promise<number> {
  const [newest] = await store.versions(name);
  return (newest?.version ?? 0) + 1;
}

/** Some numbers more, some fewer; what is to be added and removed is added. */
export function withChanges(
  current: NumberListContent,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): NumberListContent {
  const removed = new Set(remove);
  const kept = [...numbersOf(current)].filter((number) => !removed.has(number));
  return listContent([...kept, ...add]);
}

/** The numbers of a request, or what is wrong with them. */
export function readNumbers(
  written: readonly string[],
  key: string,
): { readonly numbers: string[]; readonly mistakes: Mistake[] } {
  const numbers: string[] = [];
  const mistakes: Mistake[] = [];
  for (const [index, text] of written.entries()) {
    const number = readListNumber(text);
    if (number !== undefined) numbers.push(number);
    else {
      const message = `is ${JSON.stringify(text)}, must be a number of 1 to 32 digits, * or #`;
      mistakes.push({ path: `${key}[${String(index)}]`, message });
    }
  }
  return { numbers, mistakes };
}
