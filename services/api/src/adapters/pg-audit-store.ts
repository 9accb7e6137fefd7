import type { Pool } from '@tandem/service';
import type { AuditEntry, AuditOutcome, AuditStore } from '../operator-ports.ts';
import { guarded } from './guarded.ts';

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly operator: string;
  readonly role: string;
  readonly method: string;
  readonly address: string;
  readonly operation: string;
  readonly subject: string;
  readonly outcome: AuditOutcome;
  readonly status: number;
  readonly before: string | null;
  readonly after: string | null;
  readonly note: string;
}

/** The audit log in schema `tandem_api`. */
export function openAuditStore(pool: Pool): AuditStore {
  return {
    begin: (entry) =>
      guarded(async () => {
        const { rows } = await pool.query<{ id: string }>(
          `INSERT INTO tandem_api.audit
             (at, operator, role, method, address, operation, subject, before, note, outcome, status)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'begun', 0) RETURNING id`,
          [
            entry.at,
            entry.operator,
            entry.role,
            entry.method,
            entry.address,
            entry.operation,
            entry.subject,
            entry.before ?? null,
            entry.note,
          ],
        );
        return BigInt(rows[0]?.id ?? 0);
      }),
    end: (id, { after, outcome, status }) =>
      guarded(async () => {
        await pool.query(
          'UPDATE tandem_api.audit SET outcome = $2, status = $3, after = $4 WHERE id = $1',
          [String(id), outcome, status, after ?? null],
        );
      }),
    list: (query) =>
      guarded(async () => {
        const { rows } = await pool.query<AuditRow>(
          `SELECT id, at, operator, role, method, address, operation, subject, outcome, status, before, after, note
             FROM tandem_api.audit
            WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
              AND ($3 = '' OR operator = $3) AND ($4 = '' OR operation = $4)
              AND ($5 = '' OR strpos(subject, $5) > 0) AND ($6 = '' OR outcome = $6)
              AND ($7::bigint IS NULL OR id < $7)
            ORDER BY id DESC LIMIT $8`,
          [
            query.fromMs === 0 ? null : new Date(query.fromMs),
            query.untilMs === 0 ? null : new Date(query.untilMs),
            query.user,
            query.operation,
            query.subject,
            query.outcome,
            query.before === undefined ? null : String(query.before),
            query.limit,
          ],
        );
        return rows.map(entryOf);
      }),
  };
}

function entryOf({ after, before, id, ...row }: AuditRow): AuditEntry {
  return { ...row, id: BigInt(id), before: before ?? undefined, after: after ?? undefined };
}
