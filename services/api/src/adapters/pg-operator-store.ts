import type { Pool, PoolClient } from '@tandem/service';
import { countAttempt, type FailureRecord } from '../core/operators/lock-out.ts';
import { mayAdminister } from '../core/operators/operators.ts';
import type { Operator, OperatorChange, OperatorStore } from '../operator-ports.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';
import { operatorOf, operatorValues, OPERATOR, type OperatorRow } from './operator-rows.ts';
import { pgSessions } from './pg-sessions.ts';

/** Failures that are older count no more: the longest time that limits look back. */
const FORGOTTEN_MS = 24 * 3600 * 1000;
const UNIQUE_VIOLATION = '23505';

interface FailureRow {
  readonly failures: number;
  readonly last_at: Date;
  readonly locked_until: Date | null;
}

/** Operators in schema `tandem_api`. */
export function openOperatorStore(pool: Pool): OperatorStore {
  const one = async (where: string, value: string): Promise<Operator | undefined> => {
    const { rows } = await pool.query<OperatorRow>(
      `SELECT ${OPERATOR} FROM tandem_api.operator WHERE ${where} = $1`,
      [value],
    );
    const [row] = rows;
    return row === undefined ? undefined : operatorOf(row);
  };
  return {
    ...pgSessions(pool),
    list: () =>
      guarded(async () => {
        const { rows } = await pool.query<OperatorRow>(
          `SELECT ${OPERATOR} FROM tandem_api.operator ORDER BY name`,
        );
        return rows.map(operatorOf);
      }),
    get: (name) => guarded(() => one('name', name)),
    withOpenIdSubject: (subject) => guarded(() => one('openid_subject', subject)),
    create: (operator) =>
      guarded(async () => {
        const { rowCount } = await pool.query(
          `INSERT INTO tandem_api.operator (${OPERATOR}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT DO NOTHING`,
          operatorValues(operator),
        );
        return rowCount === 1;
      }),
    change: (name, change) =>
      guarded(async () => {
        try {
          return await inTransaction(pool, async (client) => {
            const before = await locked(client, name);
            if (before === undefined) return { kind: 'no-such-operator' as const };
            const after = change(before);
            if (after === undefined) return { kind: 'stale' as const };
            if (await leavesNobody(client, before, after)) return { kind: 'last-administrator' };
            await client.query(
              `UPDATE tandem_api.operator SET (${OPERATOR}) = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                WHERE name = $1`,
              operatorValues(after),
            );
            return { kind: 'changed' as const, before, after };
          });
        } catch (error) {
          if (isUniqueViolation(error)) return { kind: 'taken' as const };
          throw error;
        }
      }),
    remove: (name, isStill) =>
      guarded(() =>
        inTransaction(pool, async (client): Promise<OperatorChange> => {
          const before = await locked(client, name);
          if (before === undefined) return { kind: 'no-such-operator' };
          if (!isStill(before)) return { kind: 'stale' };
          if (await leavesNobody(client, before, undefined)) return { kind: 'last-administrator' };
          await client.query('DELETE FROM tandem_api.operator WHERE name = $1', [name]);
          return { kind: 'changed', before, after: before };
        }),
      ),

    countAttempt: (subjects, now) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          await client.query('DELETE FROM tandem_api.sign_in_failure WHERE last_at < $1', [
            new Date(now.getTime() - FORGOTTEN_MS),
          ]);
          let lockedUntilMs: number | undefined;
          // In one order everywhere, so that two attempts do not wait for each other.
          for (const { limits, subject } of subjects.toSorted((a, b) =>
            a.subject < b.subject ? -1 : 1,
          )) {
            // Held against all others who count for it, also where there is no row yet.
            await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [subject]);
            const { rows } = await client.query<FailureRow>(
              'SELECT failures, last_at, locked_until FROM tandem_api.sign_in_failure WHERE subject = $1',
              [subject],
            );
            const decision = countAttempt(recordOf(rows[0]), now.getTime(), limits);
            if (!decision.isAllowed) lockedUntilMs = Math.max(lockedUntilMs ?? 0, decision.lockedUntilMs ?? 0); // prettier-ignore
            await keep(client, subject, decision.record);
          }
          return lockedUntilMs === undefined ? undefined : new Date(lockedUntilMs);
        }),
      ),
    forgetFailures: (subjects) =>
      guarded(async () => {
        await pool.query('DELETE FROM tandem_api.sign_in_failure WHERE subject = ANY($1)', [
          subjects,
        ]);
      }),
    forgiveAttempt: (subject) =>
      guarded(async () => {
        await pool.query(
          `UPDATE tandem_api.sign_in_failure SET failures = greatest(failures - 1, 0), locked_until = NULL
            WHERE subject = $1`,
          [subject],
        );
      }),
    lockedUntil: (subject, now) =>
      guarded(async () => {
        const { rows } = await pool.query<{ locked_until: Date }>(
          'SELECT locked_until FROM tandem_api.sign_in_failure WHERE subject = $1 AND locked_until > $2',
          [subject, now],
        );
        return rows[0]?.locked_until;
      }),
  };
}

async function locked(client: PoolClient, name: string): Promise<Operator | undefined> {
  // Two who take the right of the last two administrators away at once: the second sees what the first has done.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tandem operators', 0))`);
  const { rows } = await client.query<OperatorRow>(
    `SELECT ${OPERATOR} FROM tandem_api.operator WHERE name = $1 FOR UPDATE`,
    [name],
  );
  const [row] = rows;
  return row === undefined ? undefined : operatorOf(row);
}

async function leavesNobody(
  client: PoolClient,
  before: Operator,
  after: Operator | undefined,
): Promise<boolean> {
  if (!mayAdminister(before) || (after !== undefined && mayAdminister(after))) return false;
  const { rows } = await client.query(
    `SELECT 1 FROM tandem_api.operator WHERE role = 'administrator' AND NOT is_disabled AND name <> $1 LIMIT 1`,
    [before.name],
  );
  return rows.length === 0;
}

function recordOf(row: FailureRow | undefined): FailureRecord | undefined {
  if (row === undefined) return undefined;
  return {
    failures: row.failures,
    lastAtMs: row.last_at.getTime(),
    lockedUntilMs: row.locked_until?.getTime(),
  };
}

async function keep(client: PoolClient, subject: string, record: FailureRecord): Promise<void> {
  const { failures, lastAtMs, lockedUntilMs } = record;
  await client.query(
    `INSERT INTO tandem_api.sign_in_failure (subject, failures, last_at, locked_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (subject) DO UPDATE SET failures = $2, last_at = $3, locked_until = $4`,
    [
      subject,
      failures,
      new Date(lastAtMs),
      lockedUntilMs === undefined ? null : new Date(lockedUntilMs),
    ],
  );
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}
