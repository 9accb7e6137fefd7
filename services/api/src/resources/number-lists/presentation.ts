import type { NumberListEntry } from '@tandem/config';
import type { NumberListVersion } from '../../ports.ts';
import { presentTime } from '../times.ts';
import type { NumberListVersionView, NumberListView } from './schemas.ts';

/** Lists that the document has, and those that were imported for one before. */
export function presentLists(
  declared: readonly NumberListEntry[],
  imported: readonly NumberListVersion[],
): NumberListView[] {
  const matches = new Map(declared.map(({ name, match }) => [name, match]));
  const versions = new Map(imported.map((version) => [version.list, version]));
  const names = [...new Set([...matches.keys(), ...versions.keys()])].sort();
  return names.map((name) => {
    const version = versions.get(name);
    return {
      name,
      match: matches.get(name) ?? null,
      version: version?.version ?? null,
      numbers: version?.numbers ?? 0,
      importedAt: version === undefined ? null : presentTime(version.importedAt.getTime()),
      importedBy: version?.importedBy ?? null,
      note: version?.note ?? null,
    };
  });
}

export function presentListVersion(version: NumberListVersion): NumberListVersionView {
  const { importedAt, importedBy, note, numbers } = version;
  const at = presentTime(importedAt.getTime());
  return { version: version.version, numbers, importedAt: at, importedBy, note };
}
