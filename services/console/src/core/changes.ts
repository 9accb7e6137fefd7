/** What differs between two documents, leaf by leaf. */

/** One difference; a side that is not there is undefined. */
export interface Difference {
  /** Where, with entries by their names: `phones 1001 › lineLimit`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The differences in the order of the documents, `limit` of them at most. */
export function differences(before: unknown, after: unknown, limit = 1000): readonly Difference[] {
  const found: Difference[] = [];
  compare({ path: [], before, after }, found, limit);
  return found;
}

interface Pair {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

function compare({ path, before, after }: Pair, found: Difference[], limit: number): void {
  if (found.length >= limit || isSame(before, after)) return;
  const [left, right] = [childrenOf(before), childrenOf(after)];
  if (left === undefined || right === undefined) {
    found.push({ path: path.join(' › '), before, after });
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    compare({ path: [...path, key], before: left.get(key), after: right.get(key) }, found, limit);
  }
}

/** The parts of a value by their names; undefined where it has none, or is an array of plain values. */
function childrenOf(of: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(of)) {
    const entries = of.map((each): [string, unknown] | undefined => {
      const name = nameOf(each);
      return name === undefined ? undefined : [name, each];
    });
    const named = entries.filter((each) => each !== undefined);
    const byName = new Map(named);
    return named.length === of.length && byName.size === of.length ? byName : undefined;
  }
  return isRecord(of) ? new Map(Object.entries(of)) : undefined;
}

/** What an entry is called by. */
export function nameOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return undefined;
  const name = entry['name'] ?? entry['username'] ?? entry['prefix'];
  return typeof name === 'string' ? name : undefined;
}

/** Whether two values of JSON say the same, whatever the order of their keys. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  }
  if (!isRecord(one) || !isRecord(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
