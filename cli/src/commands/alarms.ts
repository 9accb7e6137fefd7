import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, listAt, objectAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';
import { watch } from '../watch.ts';

const ALARMS = [
  column('ID', 'id', 'right'),
  column('STATE', 'state'),
  column('SEVERITY', 'severity'),
  timeColumn('RAISED (UTC)', 'raisedAt'),
  timeColumn('ENDED (UTC)', 'clearedAt'),
  column('RULE', 'rule'),
  column('OF', 'subject'),
  column('NOW', 'valueText'),
  column('BY', 'acknowledgedBy'),
  column('SUMMARY', 'summary'),
] as const;

const ALARM_CSV = ['id', 'state', 'severity', 'raisedAt', 'clearedAt', 'clearedWhy', 'rule', 'subject', 'value', 'valueText', 'comparison', 'threshold', 'acknowledgedAt', 'acknowledgedBy', 'acknowledgedNote', 'summary']; // prettier-ignore

const RULES = [
  column('RULE', 'name'),
  { title: 'IS', text: ruleState },
  column('SEVERITY', 'severity'),
  { title: 'RAISED WHERE', text: conditionText },
  column('OPEN', 'open', 'right'),
  timeColumn('JUDGED (UTC)', 'evaluatedAt'),
  column('NOT KNOWN SINCE', 'unknown'),
] as const;

const CHANNELS = [
  column('CHANNEL', 'name'),
  column('KIND', 'kind'),
  { title: 'WHERE', text: (row: Json) => textAt(row, 'url') || listText(row['to']) },
  { title: 'TOLD OF', text: (row: Json) => listText(row['severities']) },
  column('WAITING', 'waiting', 'right'),
  timeColumn('LAST TAKEN (UTC)', 'lastSentAt'),
  column('LAST ERROR', 'lastError'),
] as const;

const NOTIFICATIONS = [
  column('CHANNEL', 'channel'),
  column('OF', 'kind'),
  timeColumn('SINCE (UTC)', 'createdAt'),
  column('ATTEMPTS', 'attempts', 'right'),
  timeColumn('TAKEN (UTC)', 'sentAt'),
  timeColumn('NEXT (UTC)', 'nextAt'),
  column('LAST ERROR', 'lastError'),
] as const;

interface ListOptions {
  readonly state: string;
  readonly rule?: string;
  readonly severity?: string;
  readonly from?: string;
  readonly until?: string;
  readonly limit: string;
  readonly csv?: true;
  readonly watch?: true;
}

/** alarms, alarms show, ack, rules, channels, test. */
export function addAlarmCommands(program: Command, context: CommandContext): void {
  const alarms = program
    .command('alarms')
    .description('list alarms that are raised, and with --state cleared or all those that were')
    .option('--state <state>', 'open, acknowledged, unacknowledged, cleared or all', 'open')
    .option('--rule <name>', 'of this rule alone')
    .option('--severity <severity>', 'page or ticket')
    .option('--from <time>', 'raised then or later: a UTC time, a day, or 2h for two hours ago')
    .option('--until <time>', 'raised before')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .option('--watch', 'show those that are raised anew as they change')
    .action(async ({ csv, limit, watch: isWatched, ...query }: ListOptions) => {
      const nothing = 'There is no alarm.';
      if (isWatched === true) {
        await watch({ topic: 'alarms', query: { limit }, columns: ALARMS, nothing }, context);
        return;
      }
      const about = { path: '/alarms', query, items: 'alarms', columns: ALARMS, limit };
      const read = await readPages(about, context);
      if (read === undefined) return;
      const output = context.output();
      if (csv === true) {
        output.raw(csvText(read.rows, ALARM_CSV));
        return;
      }
      output.rows(read.rows, ALARMS, nothing);
      if (read.hasMore) output.line('There are more; see them with --limit.');
    });

  alarms
    .command('show')
    .description('show one alarm, and who was told of it')
    .argument('<id>')
    .action(async (id: string) => {
      const answer = await context.api().json({ path: `/alarms/${segment(id)}` });
      const output = context.output();
      if (output.isJson) {
        output.object(answer);
        return;
      }
      const alarm = objectAt(answer, 'alarm');
      output.rows([alarm], ALARMS, '');
      for (const key of ['note', 'acknowledgedNote', 'runbook']) {
        if (textAt(alarm, key) !== '') output.line(`${key}: ${textAt(alarm, key)}`);
      }
      output.rows(listAt(answer, 'notifications'), NOTIFICATIONS, 'Nobody was told of it.');
    });

  alarms
    .command('ack')
    .description('say that somebody looks after an alarm')
    .argument('<id>')
    .option('--note <text>', 'what is done about it', '')
    .action(async (id: string, { note }: { readonly note: string }) => {
      const path = `/alarms/${segment(id)}/acknowledge`;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ note });
      const alarm = await context.api().json({ method: 'POST', path, headers, body });
      const output = context.output();
      if (output.isJson) output.object(alarm);
      output.line(`Alarm ${id} is acknowledged by ${textAt(alarm, 'acknowledgedBy')}.`);
    });

  alarms
    .command('rules')
    .description('list what raises alarms; rules are changed by tandem alarm-rules')
    .action(async () => {
      const rules = listAt(await context.api().json({ path: '/alarm-rules' }), 'rules');
      context.output().rows(rules, RULES, 'There is no rule.');
    });

  alarms
    .command('channels')
    .description('list who is told of alarms; channels are changed by tandem alarm-channels')
    .action(async () => {
      const channels = listAt(await context.api().json({ path: '/alarm-channels' }), 'channels');
      context.output().rows(channels, CHANNELS, 'Nobody is told: there is no channel.');
    });

  alarms
    .command('test')
    .description('tell a channel something now that is no alarm')
    .argument('<channel>')
    .action(async (channel: string) => {
      const path = `/alarm-channels/${segment(channel)}/test`;
      const answer = await context.api().json({ method: 'POST', path });
      const output = context.output();
      if (output.isJson) output.object(answer);
      output.line(`${channel}: ${textAt(answer, 'text')}.`);
    });
}

function ruleState(rule: Json): string {
  if (rule['enabled'] !== true) return 'off';
  if (rule['isBuiltIn'] !== true) return 'own';
  return rule['isChanged'] === true ? 'changed' : 'built in';
}

function conditionText(rule: Json): string {
  const unit = textAt(rule, 'unit');
  const window = textAt(rule, 'windowSeconds');
  const over = window === '' ? '' : ` over ${window} s`;
  const lasting = textAt(rule, 'lastingSeconds');
  const during = lasting === '0' ? '' : `, for ${lasting} s`;
  const threshold = `${textAt(rule, 'threshold')}${unit === '' ? '' : ` ${unit}`}`;
  return `${textAt(rule, 'figure')} ${textAt(rule, 'comparison')} ${threshold}${over}${during}`;
}

function listText(list: unknown): string {
  return Array.isArray(list) ? list.map(String).join(', ') : '';
}
