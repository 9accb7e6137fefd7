import { alarmSeverities } from '@tandem/config';
import type { Pool, PoolClient } from '@tandem/service';
import type { Alarm, AlarmQuery, AlarmStore, Notification } from '../alarm-ports.ts';
import { ALARM, alarmOf, type AlarmRow } from './alarm-rows.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';
import { pgAlarmOutbox } from './pg-alarm-outbox.ts';
import { loadKept, storeRound } from './pg-alarm-rounds.ts';

const EVALUATOR = 'evaluator';
const HISTORY_DAYS = 365;
const NOTIFICATION_DAYS = 30;

/** Alarms in schema `tandem_api`. */
export function openAlarmStore(pool: Pool): AlarmStore {
  return {
    ...pgAlarmOutbox(pool),
    lease: (holder, forMs) =>
      guarded(async () => {
        const { rows } = await pool.query<{ term: string }>(
          `INSERT INTO tandem_api.alarm_lease AS held (name, holder, term, until)
           VALUES ($1, $2, 1, now() + $3 * interval '1 millisecond')
           ON CONFLICT (name) DO UPDATE SET holder = $2, until = excluded.until,
             term = held.term + CASE WHEN held.holder = $2 AND held.until > now() THEN 0 ELSE 1 END
             WHERE held.holder = $2 OR held.until <= now()
           RETURNING term`,
          [EVALUATOR, holder, forMs],
        );
        const [row] = rows;
        return row && { term: BigInt(row.term) };
      }),
    release: (holder) =>
      guarded(async () => {
        await pool.query(
          'UPDATE tandem_api.alarm_lease SET until = now() WHERE name = $1 AND holder = $2',
          [EVALUATOR, holder],
        );
      }),
    load: () => guarded(() => loadKept(pool)),
    store: (holder, { term }, round, tell) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          // Held to the end: nobody takes over in between.
          const { rowCount } = await client.query(
            `SELECT 1 FROM tandem_api.alarm_lease WHERE name = $1 AND holder = $2 AND term = $3 AND until > now() FOR UPDATE`,
            [EVALUATOR, holder, String(term)],
          );
          if (rowCount !== 1) return false;
          await storeRound(client, round, async (kind, alarms) => {
            await insertNotifications(client, tell(kind, alarms));
          });
          return true;
        }),
      ),

    list: (query) => guarded(() => listAlarms(pool, query)),
    get: (id) =>
      guarded(async () => {
        const { rows } = await pool.query<AlarmRow>(
          `SELECT ${ALARM} FROM tandem_api.alarm WHERE id = $1`,
          [String(id)],
        );
        return rows[0] && alarmOf(rows[0]);
      }),
    counts: () =>
      guarded(async () => {
        const { rows } = await pool.query<{ severity: string; alarms: number }>(
          'SELECT severity, count(*)::int AS alarms FROM tandem_api.alarm WHERE cleared_at IS NULL GROUP BY severity',
        );
        const of = (name: string) => rows.find(({ severity }) => severity === name)?.alarms ?? 0;
        const [page, ticket] = alarmSeverities.map(of);
        return { page: page ?? 0, ticket: ticket ?? 0 };
      }),
    acknowledge: (id, by, tell) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<AlarmRow>(
            `SELECT ${ALARM} FROM tandem_api.alarm WHERE id = $1 FOR UPDATE`,
            [String(id)],
          );
          const [row] = rows;
          if (row === undefined) return undefined;
          if (row.acknowledged_at !== null) return { alarm: alarmOf(row), isNew: false };
          const changed = await client.query<AlarmRow>(
            `UPDATE tandem_api.alarm SET acknowledged_at = $2, acknowledged_by = $3, acknowledged_note = $4
              WHERE id = $1 RETURNING ${ALARM}`,
            [String(id), by.at, by.name, by.note],
          );
          const alarm = alarmOf(changed.rows[0] ?? row);
          await insertNotifications(client, tell('acknowledged', [alarm]));
          return { alarm, isNew: true };
        }),
      ),
    rounds: () =>
      guarded(async () => {
        const { rows } = await pool.query<{ rule: string; at: Date; unknown: string }>(
          'SELECT rule, at, unknown FROM tandem_api.alarm_round',
        );
        return new Map(rows.map(({ at, rule, unknown }) => [rule, { at, unknown }]));
      }),
    sweep: (now) =>
      guarded(async () => {
        const before = (days: number) => new Date(now.getTime() - days * 86_400_000);
        await pool.query('DELETE FROM tandem_api.alarm WHERE cleared_at < $1', [
          before(HISTORY_DAYS),
        ]);
        await pool.query(
          `DELETE FROM tandem_api.alarm_notification
            WHERE created_at < $1 AND (sent_at IS NOT NULL OR given_up_at IS NOT NULL)`,
          [before(NOTIFICATION_DAYS)],
        );
      }),
  };
}

async function listAlarms(pool: Pool, query: AlarmQuery): Promise<Alarm[]> {
  const { before, fromMs, limit, rule, severity, state, subject, untilMs } = query;
  const { rows } = await pool.query<AlarmRow>(
    `SELECT ${ALARM} FROM tandem_api.alarm
      WHERE ($1 = 'all' OR ($1 = 'cleared' AND cleared_at IS NOT NULL) OR ($1 <> 'cleared' AND cleared_at IS NULL))
        AND ($1 <> 'acknowledged' OR acknowledged_at IS NOT NULL)
        AND ($1 <> 'unacknowledged' OR acknowledged_at IS NULL)
        AND ($2 = '' OR rule = $2) AND ($3 = '' OR subject = $3) AND ($4 = '' OR severity = $4)
        AND ($5::timestamptz IS NULL OR raised_at >= $5) AND ($6::timestamptz IS NULL OR raised_at < $6)
        AND ($7::bigint IS NULL OR id < $7)
      ORDER BY id DESC LIMIT $8`,
    [
      state,
      rule,
      subject,
      severity,
      fromMs === 0 ? null : new Date(fromMs),
      untilMs === 0 ? null : new Date(untilMs),
      before === undefined ? null : String(before),
      limit,
    ],
  );
  return rows.map(alarmOf);
}

async function insertNotifications(
  client: PoolClient,
  notifications: readonly Notification[],
): Promise<void> {
  for (const { alarms, body, channel, createdAt, id, kind, rule } of notifications) {
    await client.query(
      `INSERT INTO tandem_api.alarm_notification
         (id, channel, rule, kind, alarms, body, created_at, next_at, claimed_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now(), 'epoch')`,
      [id, channel, rule, kind, alarms.map(String), body, createdAt],
    );
  }
}
