import type { AlarmSeverity } from '@tandem/config';
import type { Alarm, NewAlarm, NotificationKind, OutboxNotification } from '../alarm-ports.ts';

/** Columns of an alarm, as `AlarmRow` has them. */
export const ALARM = `id, rule, subject, figure, severity, summary, note, is_built_in, value, value_text, comparison,
  threshold, raised_at, cleared_at, cleared_why, acknowledged_at, acknowledged_by, acknowledged_note`;

export interface AlarmRow {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly figure: string;
  readonly severity: AlarmSeverity;
  readonly summary: string;
  readonly note: string;
  readonly is_built_in: boolean;
  readonly value: number;
  readonly value_text: string;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly raised_at: Date;
  readonly cleared_at: Date | null;
  readonly cleared_why: string | null;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_note: string | null;
}

export function alarmOf(row: AlarmRow): Alarm {
  return {
    id: BigInt(row.id),
    rule: row.rule,
    subject: row.subject,
    figure: row.figure,
    severity: row.severity,
    summary: row.summary,
    note: row.note,
    isBuiltIn: row.is_built_in,
    value: row.value,
    valueText: row.value_text,
    comparison: row.comparison,
    threshold: row.threshold,
    raisedAt: row.raised_at,
    clearedAt: row.cleared_at ?? undefined,
    clearedWhy: row.cleared_why ?? '',
    acknowledgedAt: row.acknowledged_at ?? undefined,
    acknowledgedBy: row.acknowledged_by ?? '',
    acknowledgedNote: row.acknowledged_note ?? '',
  };
}

/** Columns of a new alarm, and its values in their order. */
export const NEW_ALARM = `rule, subject, figure, severity, summary, note, is_built_in, value, value_text, comparison, threshold, raised_at`;

export function newAlarmValues(alarm: NewAlarm): unknown[] {
  return [
    alarm.rule,
    alarm.subject,
    alarm.figure,
    alarm.severity,
    alarm.summary,
    alarm.note,
    alarm.isBuiltIn,
    alarm.value,
    alarm.valueText,
    alarm.comparison,
    alarm.threshold,
    alarm.raisedAt,
  ];
}

/** Columns of a notification, as `NotificationRow` has them. */
export const NOTIFICATION = `id, channel, rule, kind, alarms, body, created_at, attempts, next_at, sent_at, given_up_at, last_error`;

export interface NotificationRow {
  readonly id: string;
  readonly channel: string;
  readonly rule: string;
  readonly kind: NotificationKind;
  readonly alarms: readonly string[];
  readonly body: string;
  readonly created_at: Date;
  readonly attempts: number;
  readonly next_at: Date;
  readonly sent_at: Date | null;
  readonly given_up_at: Date | null;
  readonly last_error: string;
}

export function notificationOf(row: NotificationRow): OutboxNotification {
  return {
    id: row.id,
    channel: row.channel,
    rule: row.rule,
    kind: row.kind,
    alarms: row.alarms.map(BigInt),
    body: row.body,
    createdAt: row.created_at,
    attempts: row.attempts,
    nextAt: row.next_at,
    sentAt: row.sent_at ?? undefined,
    givenUpAt: row.given_up_at ?? undefined,
    lastError: row.last_error,
  };
}
