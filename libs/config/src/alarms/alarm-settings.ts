import { z } from 'zod';
import { entriesOf, isBlock, namesOf, reportDuplicates } from '../blocks.ts';
import type { Block, Entry, Report } from '../blocks.ts';
import { name, wholeNumber } from '../fields.ts';
import { didYouMean } from '../suggest.ts';
import { alarmSeverities, builtInAlarmRule, builtInAlarmRules } from './built-in-rules.ts';
import type { AlarmRule } from './built-in-rules.ts';
import { alarmFigure, alarmFigureNames, alarmFigures } from './figures.ts';
import type { AlarmFigureName, AlarmSubjectKind } from './figures.ts';

const MOST_RULES = 500;
const MOST_CHANNELS = 50;
const MAIL_ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,190}$/;

const alarmRule = z.strictObject({
  name: name.describe(
    'Of a built-in rule: what is set here stands in its place, all else stays as it is there.',
  ),
  enabled: z.boolean().default(true).describe('false: it raises nothing, and what it had raised ends.'), // prettier-ignore
  figure: z
    .enum(alarmFigureNames)
    .optional()
    .describe('What is measured: docs/alarms.md. Not set: that of the built-in rule.'),
  above: z.number().optional().describe('Raised while the figure is above this.'),
  below: z.number().optional().describe('Raised while the figure is below this.'),
  clear: z
    .number()
    .optional()
    .describe(
      'It ends once the figure is back at this (hysteresis). Not set: at the threshold itself.',
    ),
  windowSeconds: wholeNumber(60, 86_400)
    .optional()
    .describe('Over which the figure is measured, where it is measured over time.'),
  lastingSeconds: wholeNumber(0, 86_400)
    .optional()
    .describe('For so long it must be so before it is raised. Not set: 0.'),
  endingSeconds: wholeNumber(0, 86_400)
    .optional()
    .describe('For so long it must be so no more before it ends. Not set: 60.'),
  least: wholeNumber(0, 1_000_000)
    .optional()
    .describe('Of so many calls, attempts or devices the figure must be made; fewer raise nothing.'), // prettier-ignore
  severity: z
    .enum(alarmSeverities)
    .optional()
    .describe('page: wakes somebody; ticket: waits for the morning. Not set: ticket.'),
  subjects: z
    .array(z.string().min(1).max(200))
    .optional()
    .describe('Of these alone: gateways, accounts, destinations, reasons, limits. Not set: of each that there is.'), // prettier-ignore
  group: name.optional().describe('Of routing gateways of this group alone.'),
  channels: z
    .array(name)
    .optional()
    .describe('Of alarmChannels, who is told. Not set: all; an empty list: nobody.'),
  note: z.string().max(1000).optional().describe('What is to be done, told with the alarm.'),
});

const alarmChannel = z.strictObject({
  name,
  kind: z.enum(['webhook', 'email']),
  enabled: z.boolean().default(true).describe('false: it is told nothing.'),
  url: z
    .string()
    .max(2000)
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be a URL such as https://noc.example.com/alarms',
    ) // prettier-ignore
    .refine(
      (text) => !URL.canParse(text) || new URL(text).username === '',
      'must have no user and password in it: requests are signed with TANDEM_ALARM_WEBHOOK_SECRET_FILE',
    ) // prettier-ignore
    .optional()
    .describe('Of a webhook: where to. Requests are signed with TANDEM_ALARM_WEBHOOK_SECRET_FILE.'),
  to: z
    .array(z.string().regex(MAIL_ADDRESS, 'must be an address such as noc@example.com'))
    .min(1)
    .max(20)
    .optional()
    .describe('Of e-mail: whom to. Sent over TANDEM_SMTP_SERVER.'),
  severities: z
    .array(z.enum(alarmSeverities))
    .min(1)
    .optional()
    .describe('It is told of these alone. Not set: of all.'),
});

/** OPS-11: what raises alarms, and who is told. */
export const alarmSettings = {
  alarmRules: z
    .array(alarmRule)
    .max(MOST_RULES)
    .optional()
    .describe('What raises alarms, besides the built-in rules, or in place of them (OPS-11).'),
  alarmChannels: z
    .array(alarmChannel)
    .max(MOST_CHANNELS)
    .optional()
    .describe('Who is told of alarms: webhooks and e-mail (OPS-11).'),
};

export type ConfiguredAlarmRule = z.output<typeof alarmRule>;
export type AlarmChannel = z.output<typeof alarmChannel>;

/** The rules in effect: the built-in ones with what is configured in their places, then all others. */
export function alarmRulesOf(
  configured: readonly ConfiguredAlarmRule[] = [],
): readonly AlarmRule[] {
  const byName = new Map(configured.map((each) => [each.name, each]));
  const changed = builtInAlarmRules.map((each) => merged(each, byName.get(each.name)));
  const own = configured.filter((each) => builtInAlarmRule(each.name) === undefined);
  return [...changed, ...own.flatMap(ownRule)];
}

function merged(rule: AlarmRule, entry: ConfiguredAlarmRule | undefined): AlarmRule {
  if (entry === undefined) return rule;
  const { above, below, ...given } = entry;
  const comparison = above !== undefined ? 'above' : below !== undefined ? 'below' : rule.comparison; // prettier-ignore
  const threshold = above ?? below ?? rule.threshold;
  const isMoved = above !== undefined || below !== undefined;
  return { ...rule, clear: isMoved ? threshold : rule.clear, ...set(given), comparison, threshold };
}

function ownRule(entry: ConfiguredAlarmRule): AlarmRule[] {
  const { above, below, figure, ...given } = entry;
  const threshold = above ?? below;
  if (figure === undefined || threshold === undefined) return [];
  return [
    {
      figure,
      comparison: above === undefined ? 'below' : 'above',
      threshold,
      clear: threshold,
      windowSeconds: undefined,
      lastingSeconds: 0,
      endingSeconds: 60,
      least: 0,
      severity: 'ticket',
      subjects: [],
      group: undefined,
      channels: undefined,
      note: '',
      summary: ownSummary(figure, above === undefined ? 'below' : 'above', threshold),
      isBuiltIn: false,
      ...set(given),
    } satisfies AlarmRule,
  ];
}

/** Without what is not set, which would take a default away. */
function set<Given extends object>(given: Given): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  const there = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as never;
} // prettier-ignore

function ownSummary(figure: AlarmFigureName, comparison: string, threshold: number): string {
  const { of, title, unit } = alarmFigure(figure);
  const subject = of === 'switch' ? '' : '{subject}: ';
  return `${subject}${title}: {value}, ${comparison} ${String(threshold)}${unit === '' ? '' : ` ${unit}`}.`;
}

/** OPS-11: rules measure what there is, and tell channels that there are. */
export function checkAlarms(document: Block, report: Report): void {
  for (const list of ['alarmRules', 'alarmChannels']) {
    const entries = entriesOf(document, list);
    reportDuplicates(entries.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })), report); // prettier-ignore
  }
  const channels = namesOf(document, 'alarmChannels');
  const groups = namesOf(document, 'gatewayGroups');
  for (const entry of entriesOf(document, 'alarmRules')) {
    checkRule(entry, report);
    checkSubjects(entry, document, report);
    const { path, block } = entry;
    const named = Array.isArray(block['channels']) ? (block['channels'] as unknown[]) : [];
    for (const [at, channel] of named.entries()) {
      if (typeof channel !== 'string' || channels.has(channel)) continue;
      report([...path, 'channels', at], `names channel "${channel}", which is not in alarmChannels${didYouMean(channel, channels)}`); // prettier-ignore
    }
    const { group } = block;
    if (typeof group === 'string' && !groups.has(group)) {
      report([...path, 'group'], `names gateway group "${group}", which is not in gatewayGroups${didYouMean(group, groups)}`); // prettier-ignore
    }
  }
  for (const { path, block } of entriesOf(document, 'alarmChannels')) {
    const [needed, other] = block['kind'] === 'email' ? ['to', 'url'] : ['url', 'to'];
    if (block[needed] === undefined) report([...path, needed], `is needed by a channel of kind ${String(block['kind'])}`); // prettier-ignore
    if (block[other] !== undefined) report([...path, other], `has no effect at a channel of kind ${String(block['kind'])}`); // prettier-ignore
  }
}

// eslint-disable-next-line complexity -- each line is a mistake of its own
function checkRule({ block, path }: Entry, report: Report): void {
  const builtIn = builtInAlarmRule(String(block['name']));
  const written = block['figure'] ?? builtIn?.figure;
  if (written === undefined) {
    report([...path, 'figure'], 'is needed: there is no built-in rule of this name');
    return;
  }
  if (typeof written !== 'string' || !Object.hasOwn(alarmFigures, written)) return;
  const figure = alarmFigure(written as AlarmFigureName);
  const { above, below, clear } = block;
  if (above !== undefined && below !== undefined) report([...path, 'below'], 'cannot be set with above: write two rules'); // prettier-ignore
  if (above === undefined && below === undefined && builtIn === undefined) {
    report([...path, 'above'], 'is needed, or below: without it nothing is raised');
  }
  const isAbove = above !== undefined || (below === undefined && builtIn?.comparison === 'above');
  const threshold = above ?? below ?? builtIn?.threshold;
  if (typeof clear === 'number' && typeof threshold === 'number') {
    if (isAbove ? clear > threshold : clear < threshold) {
      report([...path, 'clear'], `is ${String(clear)}: must be ${isAbove ? 'at most' : 'at least'} ${String(threshold)}, or it would end while it is raised`); // prettier-ignore
    }
  }
  checkWindow(block, { path, report, figure, builtIn: builtIn?.figure === written ? builtIn : undefined }); // prettier-ignore
}

interface WindowCheck {
  readonly path: Entry['path'];
  readonly report: Report;
  readonly figure: ReturnType<typeof alarmFigure>;
  readonly builtIn: AlarmRule | undefined;
}

function checkWindow(block: Block, { builtIn, figure, path, report }: WindowCheck): void {
  const seconds = block['windowSeconds'] ?? builtIn?.windowSeconds;
  if (figure.window === undefined) {
    if (block['windowSeconds'] !== undefined) report([...path, 'windowSeconds'], 'has no effect: this figure is as it is at the moment'); // prettier-ignore
  } else if (seconds === undefined) {
    report([...path, 'windowSeconds'], 'is needed: this figure is measured over time');
  } else if (typeof seconds === 'number') {
    const { leastSeconds, mostSeconds } = figure.window;
    if (seconds < leastSeconds || seconds > mostSeconds) {
      report([...path, 'windowSeconds'], `is ${String(seconds)}, must be from ${String(leastSeconds)} to ${String(mostSeconds)} for this figure`); // prettier-ignore
    }
  }
  if (block['least'] !== undefined && block['least'] !== 0 && figure.counts === undefined) {
    report([...path, 'least'], 'has no effect: this figure is not made of several');
  }
}

/** Lists of the document that have what a figure is of. */
const lists: Partial<Record<AlarmSubjectKind, string>> = {
  gateway: 'routingGateways',
  account: 'accounts',
};

function checkSubjects({ block, path }: Entry, document: Block, report: Report): void {
  const written = block['figure'] ?? builtInAlarmRule(String(block['name']))?.figure;
  if (typeof written !== 'string' || !Object.hasOwn(alarmFigures, written)) return;
  const { of } = alarmFigure(written as AlarmFigureName);
  if (of !== 'gateway' && block['group'] !== undefined) {
    report([...path, 'group'], 'has no effect: this figure is of no gateway');
  }
  const subjects = Array.isArray(block['subjects']) ? (block['subjects'] as unknown[]) : [];
  if (of === 'switch' && subjects.length > 0) {
    report([...path, 'subjects'], 'has no effect: this figure is of the whole switch');
  }
  const list = lists[of];
  if (list === undefined || !isBlock(document)) return;
  const names = namesOf(document, list, undefined);
  for (const [at, subject] of subjects.entries()) {
    if (typeof subject !== 'string' || names.has(subject)) continue;
    report([...path, 'subjects', at], `names ${of} "${subject}", which is not in ${list}${didYouMean(subject, names)}`); // prettier-ignore
  }
}
