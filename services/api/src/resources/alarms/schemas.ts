import { alarmFigureNames, alarmSeverities } from '@tandem/config';
import { z } from 'zod';
import { notificationKinds } from '../../alarm-ports.ts';
import { time } from '../times.ts';

const severity = z
  .enum(alarmSeverities)
  .describe('page: wakes somebody; ticket: waits for the morning.');
const comparison = z.enum(['above', 'below']);
const unit = z.string().describe('Of value and threshold; empty: a count.');
const runbook = z
  .string()
  .nullable()
  .describe('Page of the run-books; null where the rule is not built in.');

const alarm = z.object({
  id: z.string(),
  state: z.enum(['open', 'acknowledged', 'cleared']),
  rule: z.string(),
  subject: z.string().describe('Gateway, account, destination …; empty: the switch as a whole.'),
  severity,
  summary: z.string(),
  note: z.string().describe('Of the rule: what is to be done.'),
  runbook,
  figure: z.string().describe('What was measured: docs/alarms.md.'),
  value: z.number().describe('As it is now, or was last.'),
  valueText: z.string(),
  comparison,
  threshold: z.number(),
  unit,
  raisedAt: time,
  clearedAt: time,
  clearedWhy: z
    .string()
    .describe('back; nothing-to-judge-by: there are no calls any more, or too few; rule-changed.'),
  acknowledgedAt: time,
  acknowledgedBy: z.string(),
  acknowledgedNote: z.string(),
});

const notification = z.object({
  id: z.string().describe('The same at each attempt; webhooks have it as Tandem-Notification.'),
  channel: z.string(),
  kind: z.enum(notificationKinds),
  createdAt: time,
  attempts: z.int(),
  nextAt: time.describe('Of the next attempt; null where there is none.'),
  sentAt: time,
  givenUpAt: time,
  lastError: z.string(),
});

const rule = z.object({
  name: z.string(),
  isBuiltIn: z.boolean().describe('It may be changed by an entry of its name in alarmRules.'),
  isChanged: z.boolean().describe('There is an entry of its name in alarmRules.'),
  enabled: z.boolean(),
  figure: z.enum(alarmFigureNames),
  says: z.string().describe('What the figure is.'),
  comparison,
  threshold: z.number(),
  clear: z.number(),
  unit,
  windowSeconds: z.int().nullable(),
  lastingSeconds: z.int(),
  endingSeconds: z.int(),
  least: z.int(),
  severity,
  subjects: z.array(z.string()),
  group: z.string().nullable(),
  channels: z.array(z.string()).nullable().describe('null: all.'),
  note: z.string(),
  summary: z.string(),
  runbook,
  open: z.int().describe('Alarms that it has raised.'),
  evaluatedAt: time.describe('null: not yet.'),
  unknown: z.string().describe('Why its figure is not known at the moment; empty: it is.'),
});

const channel = z.object({
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  url: z.string().nullable(),
  to: z.array(z.string()),
  severities: z.array(severity),
  waiting: z.int().describe('Notifications that it has not taken yet.'),
  lastSentAt: time,
  lastError: z.string().describe('Of the last one that it did not take; empty: there is none.'),
});

/** The named shapes of this resource. */
export const alarmSchemas = {
  Alarm: alarm,
  AlarmList: z.object({
    alarms: z.array(alarm),
    nextCursor: z.string().nullable(),
    open: z.object({ page: z.int(), ticket: z.int() }).describe('Raised now, by severity.'),
  }),
  AlarmDetail: z.object({ alarm, notifications: z.array(notification) }),
  AlarmAcknowledgement: z.strictObject({ note: z.string().max(1000).default('') }),
  AlarmRuleList: z.object({ rules: z.array(rule) }),
  AlarmChannelList: z.object({ channels: z.array(channel) }),
  AlarmChannelTest: z.object({
    channel: z.string(),
    isTaken: z.boolean(),
    text: z.string().describe('What came of it, in words.'),
  }),
};

export type AlarmView = z.output<typeof alarm>;
export type AlarmNotificationView = z.output<typeof notification>;
export type AlarmRuleView = z.output<typeof rule>;
export type AlarmChannelView = z.output<typeof channel>;
export type AlarmAcknowledgement = z.output<typeof alarmSchemas.AlarmAcknowledgement>;
