import type { NumberListContent } from '@tandem/domain';
import type { NumberListStore, NumberListVersion } from '../ports.ts';

type Stored = NumberListVersion & { readonly content: NumberListContent };

/** Lists in memory, for tests. */
export function memoryNumberListStore(now: () => Date = () => new Date()): NumberListStore {
  const stored: Stored[] = [];
  const newestFirst = (list: string): Stored[] =>
    stored.filter((each) => each.list === list).toReversed();
  const withoutContent = (each: Stored): NumberListVersion => {
    const { list, version, importedAt, importedBy, note, numbers } = each;
    return { list, version, importedAt, importedBy, note, numbers };
  };
  return {
    list: () => {
      const newest = new Map(stored.map((each) => [each.list, withoutContent(each)]));
      return Promise.resolve([...newest.values()].sort((a, b) => (a.list < b.list ? -1 : 1)));
    },
    versions: (list) => Promise.resolve(newestFirst(list).map(withoutContent)),
    content: (list, version) => {
      const found = newestFirst(list).find((each) => (version ?? each.version) === each.version);
      return Promise.resolve(found?.content);
    },
    change: (list, decide, { appliedBy: importedBy, note }) => {
      const [current] = newestFirst(list);
      const content = decide(current?.content, current?.version ?? 0);
      if (content === undefined) return Promise.resolve(undefined);
      const version = (current?.version ?? 0) + 1;
      const numbers = content.packed.length + content.others.length;
      stored.push({ list, version, importedAt: now(), importedBy, note, numbers, content });
      return Promise.resolve(version);
    },
  };
}
