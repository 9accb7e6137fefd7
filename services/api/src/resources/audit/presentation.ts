import type { AuditEntry } from '../../operator-ports.ts';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import type { AuditEntryView } from './schemas.ts';

export function presentAuditEntry(entry: AuditEntry): AuditEntryView {
  const { address, method, note, operation, operator, outcome, role, status, subject } = entry;
  return {
    id: String(entry.id),
    at: presentTime(entry.at.getTime()),
    user: operator,
    role,
    method,
    address,
    operation,
    subject,
    status,
    outcome,
    before: valueOf(entry.before),
    after: valueOf(entry.after),
    note,
  };
}

function valueOf(text: string | undefined): Record<string, unknown> | null {
  return text === undefined ? null : (JSON.parse(text) as Record<string, unknown>);
}

const columns = [
  'id',
  'at',
  'user',
  'role',
  'method',
  'address',
  'operation',
  'subject',
  'status',
  'outcome',
  'before',
  'after',
  'note',
] as const satisfies readonly (keyof AuditEntryView)[];

export function auditCsv(entries: readonly AuditEntryView[]): string {
  const rows = entries.map(({ after, before, ...entry }) => ({
    ...entry,
    before: before === null ? '' : JSON.stringify(before),
    after: after === null ? '' : JSON.stringify(after),
  }));
  return csvText(rows, columns);
}
