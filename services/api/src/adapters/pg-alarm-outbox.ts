import type { Pool } from '@tandem/service';
import type { AlarmStore } from '../alarm-ports.ts';
import { guarded } from './guarded.ts';
import { NOTIFICATION, notificationOf, type NotificationRow } from './alarm-rows.ts';

type Outbox = Pick<
  AlarmStore,
  'notifications' | 'channels' | 'claim' | 'sent' | 'failed' | 'giveUp'
>;

const WAITING = 'sent_at IS NULL AND given_up_at IS NULL';

/** What is told of alarms, until it is. */
export function pgAlarmOutbox(pool: Pool): Outbox {
  return {
    notifications: (alarm) =>
      guarded(async () => {
        const { rows } = await pool.query<NotificationRow>(
          `SELECT ${NOTIFICATION} FROM tandem_api.alarm_notification WHERE alarms @> ARRAY[$1::bigint] ORDER BY seq`,
          [String(alarm)],
        );
        return rows.map(notificationOf);
      }),
    channels: () =>
      guarded(async () => {
        const { rows } = await pool.query<{
          channel: string;
          waiting: number;
          last_sent: Date | null;
          last_error: string | null;
        }>(
          `SELECT channel, count(*) FILTER (WHERE ${WAITING})::int AS waiting, max(sent_at) AS last_sent,
                  (array_agg(last_error ORDER BY seq DESC) FILTER (WHERE sent_at IS NULL AND last_error <> ''))[1] AS last_error
             FROM tandem_api.alarm_notification GROUP BY channel`,
        );
        return rows.map((row) => ({
          channel: row.channel,
          waiting: row.waiting,
          lastSentAt: row.last_sent ?? undefined,
          lastError: row.last_error ?? '',
        }));
      }),
    claim: (limit, forMs) =>
      guarded(async () => {
        const { rows } = await pool.query<NotificationRow>(
          `WITH due AS (
             SELECT id FROM tandem_api.alarm_notification AS first
              WHERE ${WAITING} AND next_at <= now() AND claimed_until <= now()
                AND NOT EXISTS (SELECT FROM tandem_api.alarm_notification AS earlier
                  WHERE earlier.channel = first.channel AND earlier.rule = first.rule AND earlier.seq < first.seq
                    AND earlier.sent_at IS NULL AND earlier.given_up_at IS NULL)
              ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)
           UPDATE tandem_api.alarm_notification AS taken
              SET claimed_until = now() + $2 * interval '1 millisecond', attempts = taken.attempts + 1
             FROM due WHERE taken.id = due.id
           RETURNING ${NOTIFICATION.split(', ').map((column) => `taken.${column}`).join(', ')}`,
          [limit, forMs],
        ); // prettier-ignore
        return rows.map(notificationOf);
      }),
    sent: (id, left) =>
      guarded(async () => {
        await pool.query(
          `UPDATE tandem_api.alarm_notification SET sent_at = now(), last_error = $2 WHERE id = $1`,
          [id, left],
        );
      }),
    failed: (id, error, nextInMs) =>
      guarded(async () => {
        await pool.query(
          `UPDATE tandem_api.alarm_notification
              SET claimed_until = 'epoch', last_error = $2, next_at = now() + $3 * interval '1 millisecond'
            WHERE id = $1 AND sent_at IS NULL`,
          [id, error, nextInMs],
        );
      }),
    giveUp: (id, error) =>
      guarded(async () => {
        await pool.query(
          `UPDATE tandem_api.alarm_notification SET given_up_at = now(), last_error = $2
            WHERE id = $1 AND sent_at IS NULL`,
          [id, error],
        );
      }),
  };
}
