/** What a subject of a figure is: the whole switch, or what has a name. */
export type AlarmSubjectKind =
  'switch' | 'gateway' | 'account' | 'destination' | 'reason' | 'limit' | 'service';

/** Something that the switch measures, and an alarm may be raised by. */
export interface AlarmFigure {
  /** What it is, in words that stand before a number. */
  readonly title: string;
  /** Written behind the number; '' where it is a count. */
  readonly unit: '' | '%' | 's' | 'ms' | 'd' | '/s';
  /** Each subject has an alarm of its own. */
  readonly of: AlarmSubjectKind;
  /** Measured over a window; undefined: as it is at the moment. */
  readonly window?: { readonly leastSeconds: number; readonly mostSeconds: number };
  /** What `least` of a rule counts, so that few calls raise nothing; undefined: it counts nothing. */
  readonly counts?: string;
}

const minutes = (least: number, most: number) => ({
  window: { leastSeconds: least * 60, mostSeconds: most * 60 },
});

// Live quality stands in periods of five minutes, of which some two hours are kept (ADR 69).
const quality = minutes(5, 120);
const calls = minutes(1, 120);

/** Every figure, by its name in a rule. */
export const alarmFigures = {
  'gateway-offline': {
    title: 'offline (1: no address answers its OPTIONS check)',
    unit: '',
    of: 'gateway',
  },
  'gateway-share': { title: 'share of its calls that it gets', unit: '%', of: 'gateway' },
  'gateway-asr': {
    title: 'answered of its attempts',
    unit: '%',
    of: 'gateway',
    counts: 'attempts',
    ...quality,
  },
  'gateway-acd': {
    title: 'average length of its calls',
    unit: 's',
    of: 'gateway',
    counts: 'answered attempts',
    ...quality,
  },
  'gateway-pdd': {
    title: 'time until it rings',
    unit: 's',
    of: 'gateway',
    counts: 'attempts',
    ...quality,
  },
  'gateway-failed': {
    title: 'attempts that fail by its own fault',
    unit: '%',
    of: 'gateway',
    counts: 'attempts',
    ...quality,
  },
  'carrier-unregistered': {
    title: 'not registered with (1: the carrier refuses, or does not answer)',
    unit: '',
    of: 'gateway',
  },
  'lines-used': { title: 'lines in use of its limit', unit: '%', of: 'limit' },
  'calls-up': { title: 'calls in progress', unit: '', of: 'switch' },
  'calls-per-second': { title: 'new calls a second', unit: '/s', of: 'switch', ...calls },
  'calls-of-hour': {
    title: 'new calls a second, of those in the last hour',
    unit: '%',
    of: 'switch',
    counts: 'calls in the last hour',
    ...minutes(1, 30),
  },
  asr: { title: 'answered of all calls', unit: '%', of: 'switch', counts: 'calls', ...calls },
  'account-asr': {
    title: 'answered of its calls',
    unit: '%',
    of: 'account',
    counts: 'calls',
    ...calls,
  },
  'account-acd': {
    title: 'average length of its calls',
    unit: 's',
    of: 'account',
    counts: 'answered calls',
    ...calls,
  },
  'destination-asr': {
    title: 'answered of calls to it',
    unit: '%',
    of: 'destination',
    counts: 'calls',
    ...calls,
  },
  'destination-acd': {
    title: 'average length of calls to it',
    unit: 's',
    of: 'destination',
    counts: 'answered calls',
    ...calls,
  },
  'destination-pdd': {
    title: 'time until calls to it ring',
    unit: 's',
    of: 'destination',
    counts: 'calls',
    ...calls,
  },
  failures: { title: 'calls that ended so', unit: '', of: 'reason', ...calls },
  overloaded: { title: 'edges that begin fewer new calls than come', unit: '', of: 'switch' },
  'outbox-age': { title: 'age of the oldest event that waits for Kafka', unit: 's', of: 'switch' },
  registered: { title: 'registered devices', unit: '', of: 'switch' },
  'registered-share': {
    title: 'registered devices, of the most within the window',
    unit: '%',
    of: 'switch',
    counts: 'devices at most',
    ...minutes(5, 120),
  },
  'failed-logins': {
    title: 'users and sources that did not prove themselves',
    unit: '',
    of: 'switch',
    ...minutes(1, 1440),
  },
  suspended: { title: 'suspended terminals', unit: '', of: 'switch' },
  'black-listed': {
    title: 'sources that came on the black list',
    unit: '',
    of: 'switch',
    ...minutes(5, 1440),
  },
  'balance-reached': {
    title: 'minimum balance reached (1: the balance is at minimumBalance, or below)',
    unit: '',
    of: 'account',
  },
  'money-differs': {
    title: 'differences that the last reconciliation found',
    unit: '',
    of: 'switch',
  },
  'billing-lag': { title: 'call events that wait for billing', unit: '', of: 'switch' },
  'certificate-days': {
    title: 'days until the first certificate of SIP over TLS expires',
    unit: 'd',
    of: 'switch',
  },
  'service-away': {
    title: 'does not answer (1: requests to it fail)',
    unit: '',
    of: 'service',
  },
} as const satisfies Readonly<Record<string, AlarmFigure>>;

export type AlarmFigureName = keyof typeof alarmFigures;

/** Every name of a figure. */
export const alarmFigureNames = Object.keys(alarmFigures) as [
  AlarmFigureName,
  ...AlarmFigureName[],
];

/** A figure by its name. */
export function alarmFigure(name: AlarmFigureName): AlarmFigure {
  return alarmFigures[name];
}
