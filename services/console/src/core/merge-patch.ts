import { isSame } from './changes.ts';

type Entry = Readonly<Record<string, unknown>>;

/** The JSON Merge Patch (RFC 7396) that makes one entry of another: what is not in `after` is taken away. */
export function mergePatch(before: Entry, after: Entry): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined || isSame(before[key], value)) continue;
    const was = before[key];
    patch[key] = isEntry(was) && isEntry(value) ? mergePatch(was, value) : value;
  }
  return patch;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
