import { alarmFigure, alarmSeverities, type AlarmChannel, type AlarmRule } from '@tandem/config'; // prettier-ignore
import type { Alarm, ChannelState, OutboxNotification } from '../../alarm-ports.ts';
import { unitOf } from '../../core/alarms/notification.ts';
import { presentTime } from '../times.ts';
import type { AlarmChannelView, AlarmNotificationView, AlarmRuleView, AlarmView } from './schemas.ts'; // prettier-ignore

export function presentAlarm(alarm: Alarm): AlarmView {
  const { acknowledgedAt, clearedAt, id, isBuiltIn, raisedAt, ...told } = alarm;
  const state = clearedAt !== undefined ? 'cleared' : acknowledgedAt !== undefined ? 'acknowledged' : 'open'; // prettier-ignore
  return {
    ...told,
    id: String(id),
    state,
    unit: unitOf(alarm.figure),
    runbook: runbookOf(alarm.rule, isBuiltIn),
    raisedAt: presentTime(raisedAt.getTime()),
    clearedAt: presentTime(clearedAt?.getTime()),
    acknowledgedAt: presentTime(acknowledgedAt?.getTime()),
  };
}

function runbookOf(rule: string, isBuiltIn: boolean): string | null {
  return isBuiltIn ? `docs/runbooks/${rule}.md` : null;
}

export function presentNotification(told: OutboxNotification): AlarmNotificationView {
  const { attempts, channel, createdAt, givenUpAt, id, kind, lastError, nextAt, sentAt } = told;
  const isOver = sentAt !== undefined || givenUpAt !== undefined;
  return {
    id,
    channel,
    kind,
    attempts,
    lastError,
    createdAt: presentTime(createdAt.getTime()),
    nextAt: presentTime(isOver ? undefined : nextAt.getTime()),
    sentAt: presentTime(sentAt?.getTime()),
    givenUpAt: presentTime(givenUpAt?.getTime()),
  };
}

/** What is known of a rule besides itself. */
export interface RuleMoment {
  readonly isChanged: boolean;
  readonly open: number;
  readonly round: { readonly at: Date; readonly unknown: string } | undefined;
}

export function presentRule(
  rule: AlarmRule,
  { isChanged, open, round }: RuleMoment,
): AlarmRuleView {
  const { title, unit } = alarmFigure(rule.figure);
  const { channels, group, subjects, windowSeconds, ...told } = rule;
  return {
    ...told,
    isChanged,
    says: title,
    unit,
    windowSeconds: windowSeconds ?? null,
    subjects: [...subjects],
    group: group ?? null,
    channels: channels === undefined ? null : [...channels],
    runbook: runbookOf(rule.name, rule.isBuiltIn),
    open,
    evaluatedAt: presentTime(round?.at.getTime()),
    unknown: round?.unknown ?? '',
  };
}

export function presentChannel(
  { enabled, kind, name, severities, to = [], url }: AlarmChannel,
  state: ChannelState | undefined,
): AlarmChannelView {
  return {
    name,
    kind,
    enabled,
    url: url ?? null,
    to: [...to],
    severities: [...(severities ?? alarmSeverities)],
    waiting: state?.waiting ?? 0,
    lastSentAt: presentTime(state?.lastSentAt?.getTime()),
    lastError: state?.lastError ?? '',
  };
}
