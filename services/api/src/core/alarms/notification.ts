import { alarmFigure, alarmFigureNames, type AlarmChannel, type AlarmRule } from '@tandem/config'; // prettier-ignore
import type { Alarm, Notification, NotificationKind, Tell } from '../../alarm-ports.ts';

/** How long an attempt may wait for the next, in seconds: 5, 10, 20 … 600. */
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 600_000;
/** What could not be told for so long is told no more. */
export const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** How long after an attempt that failed comes the next. @param attempts with the one that failed */
export function waitAfter(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
}

/** An alarm as webhooks are told of it. */
interface ToldAlarm {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly severity: string;
  readonly summary: string;
  readonly figure: string;
  readonly value: number;
  readonly valueText: string;
  readonly comparison: string;
  readonly threshold: number;
  readonly unit: string;
  readonly note: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
  readonly clearedWhy: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedNote: string | null;
}

/** The body of a webhook; `version` changes when a field changes its meaning. */
export interface ToldAlarms {
  readonly version: 1;
  /** Of the notification: the same at each attempt. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly at: string;
  /** Where the switch is operated. */
  readonly switch: string;
  /** Page in docs/runbooks; null where the rule is not built in. */
  readonly runbook: string | null;
  readonly alarms: readonly ToldAlarm[];
}

/** What `Tell` works with. */
export interface TellParts {
  readonly channels: readonly AlarmChannel[];
  readonly rules: readonly AlarmRule[];
  /** How the console is reached. */
  readonly url: string;
  readonly now: Date;
  readonly newId: () => string;
}

/** Tells the alarms of a rule, all in one, to each channel that is to know. */
export function telling({ channels, newId, now, rules, url }: TellParts): Tell {
  return (kind, alarms) => {
    const [first] = alarms;
    if (first === undefined) return [];
    const rule = rules.find(({ name }) => name === first.rule);
    return channels
      .filter((channel) => isTold(channel, first, rule))
      .map((channel): Notification => {
        const id = newId();
        const body = bodyOf({ id, kind, alarms, at: now, url });
        return { id, channel: channel.name, rule: first.rule, kind, alarms: alarms.map((each) => each.id), body, createdAt: now }; // prettier-ignore
      });
  };
}

function isTold(channel: AlarmChannel, { severity }: Alarm, rule: AlarmRule | undefined): boolean {
  if (!channel.enabled || channel.severities?.includes(severity) === false) return false;
  return rule?.channels?.includes(channel.name) ?? true;
}

interface BodyParts {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly alarms: readonly Alarm[];
  readonly at: Date;
  readonly url: string;
}

export function bodyOf({ alarms, at, id, kind, url }: BodyParts): string {
  const [first] = alarms;
  const told: ToldAlarms = {
    version: 1,
    id,
    kind,
    at: at.toISOString(),
    switch: url,
    runbook: first?.isBuiltIn === true ? `docs/runbooks/${first.rule}.md` : null,
    alarms: alarms.map(toldAlarm),
  };
  return JSON.stringify(told);
}

/** Unit of a figure; '' where this release measures none of that name, as in old history. */
export function unitOf(figure: string): string {
  const known = alarmFigureNames.find((name) => name === figure);
  return known === undefined ? '' : alarmFigure(known).unit;
}

function toldAlarm(alarm: Alarm): ToldAlarm {
  const { acknowledgedAt, acknowledgedBy, acknowledgedNote, clearedAt, clearedWhy, raisedAt } = alarm; // prettier-ignore
  return {
    id: String(alarm.id),
    rule: alarm.rule,
    subject: alarm.subject,
    severity: alarm.severity,
    summary: alarm.summary,
    figure: alarm.figure,
    value: alarm.value,
    valueText: alarm.valueText,
    comparison: alarm.comparison,
    threshold: alarm.threshold,
    unit: unitOf(alarm.figure),
    note: alarm.note,
    raisedAt: raisedAt.toISOString(),
    clearedAt: clearedAt?.toISOString() ?? null,
    clearedWhy: clearedAt === undefined ? null : clearedWhy,
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
    acknowledgedBy: acknowledgedAt === undefined ? null : acknowledgedBy,
    acknowledgedNote: acknowledgedAt === undefined ? null : acknowledgedNote,
  };
}

/** A mail that says the same. */
export interface AlarmMail {
  readonly subject: string;
  readonly text: string;
}

const WORDS: Readonly<Record<NotificationKind, string>> = {
  raised: 'ALARM',
  cleared: 'ended',
  acknowledged: 'acknowledged',
  test: 'test',
};

/** What is read of a body that was written here. */
export function mailOf(body: string): AlarmMail {
  const { alarms, kind, runbook, switch: url } = JSON.parse(body) as ToldAlarms;
  const [first] = alarms;
  const more = alarms.length > 1 ? ` (and ${String(alarms.length - 1)} more)` : '';
  const severity = first === undefined ? '' : ` ${first.severity}`;
  const subject = `[Tandem] ${WORDS[kind]}${severity}: ${first?.summary ?? 'alarms reach you here'}${more}`;
  const lines = alarms.slice(0, MOST_IN_MAIL).flatMap(linesOf);
  const cut = alarms.length > MOST_IN_MAIL ? [`… and ${String(alarms.length - MOST_IN_MAIL)} more`] : []; // prettier-ignore
  const where = [...(runbook === null ? [] : [`Run-book: ${runbook}`]), `Alarms: ${url}/alarms`];
  return { subject: oneLine(subject), text: [...lines, ...cut, '', ...where, ''].join('\n') };
}

const MOST_IN_MAIL = 50;

function linesOf(alarm: ToldAlarm): string[] {
  const unit = alarm.unit === '' ? '' : ` ${alarm.unit}`;
  return [
    alarm.summary,
    `  rule ${alarm.rule}${alarm.subject === '' ? '' : `, ${alarm.subject}`}, ${alarm.severity}`,
    `  now ${alarm.valueText}, raised ${alarm.comparison} ${String(alarm.threshold)}${unit}`,
    `  since ${alarm.raisedAt}${alarm.clearedAt === null ? '' : `, ended ${alarm.clearedAt} (${alarm.clearedWhy ?? ''})`}`,
    ...(alarm.acknowledgedBy === null ? [] : [`  acknowledged by ${alarm.acknowledgedBy}: ${alarm.acknowledgedNote ?? ''}`]),
    ...(alarm.note === '' ? [] : [`  ${alarm.note}`]),
    '',
  ]; // prettier-ignore
}

/** A subject of two lines would be a header of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
