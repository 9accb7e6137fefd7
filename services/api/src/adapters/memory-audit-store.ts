import type { AuditEntry, AuditStore } from '../operator-ports.ts';

/** The audit log in memory, for tests. */
export function memoryAuditStore(): AuditStore {
  const entries: AuditEntry[] = [];
  return {
    begin: (entry) => {
      const id = BigInt(entries.length + 1);
      entries.push({ ...entry, id, outcome: 'begun', status: 0, after: undefined });
      return Promise.resolve(id);
    },
    end: (id, end) => {
      const at = Number(id) - 1;
      const begun = entries[at];
      if (begun !== undefined) entries[at] = { ...begun, ...end };
      return Promise.resolve();
    },
    list: (query) => {
      const found = entries.filter(
        (entry) =>
          (query.fromMs === 0 || entry.at.getTime() >= query.fromMs) &&
          (query.untilMs === 0 || entry.at.getTime() < query.untilMs) &&
          (query.user === '' || entry.operator === query.user) &&
          (query.operation === '' || entry.operation === query.operation) &&
          entry.subject.includes(query.subject) &&
          (query.outcome === '' || entry.outcome === query.outcome) &&
          (query.before === undefined || entry.id < query.before),
      );
      return Promise.resolve(found.toReversed().slice(0, query.limit));
    },
  };
}
