import type { AlarmFigureName } from './figures.ts';

/** `page` wakes somebody, `ticket` waits for the morning. */
export const alarmSeverities = ['page', 'ticket'] as const;
export type AlarmSeverity = (typeof alarmSeverities)[number];

/** When an alarm is raised, and when it ends. */
export interface AlarmRule {
  readonly name: string;
  readonly enabled: boolean;
  readonly figure: AlarmFigureName;
  /** Raised while the figure is above, or below this. */
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  /** It ends where the figure is no longer beyond this (hysteresis): at or below it for `above`, at or above it for `below`. */
  readonly clear: number;
  /** Over which the figure is measured; undefined: as it is at the moment. */
  readonly windowSeconds: number | undefined;
  /** For how long it must be so before it is raised; 0: at once. */
  readonly lastingSeconds: number;
  /** For how long it must be no more so before it ends; 0: at once. */
  readonly endingSeconds: number;
  /** Of how many the figure must be made; 0: of any. */
  readonly least: number;
  readonly severity: AlarmSeverity;
  /** Of these subjects alone; empty: of all. */
  readonly subjects: readonly string[];
  /** Of gateways of this group alone. */
  readonly group: string | undefined;
  /** Who is told; undefined: every channel. */
  readonly channels: readonly string[] | undefined;
  readonly note: string;
  /** What it says, with `{subject}` and `{value}` in it. */
  readonly summary: string;
  /** Whether it has a page in docs/runbooks. */
  readonly isBuiltIn: boolean;
}

type Term = 'name' | 'figure' | 'severity' | 'summary';
type Given = Pick<AlarmRule, Term> &
  Partial<Omit<AlarmRule, Term>> &
  ({ readonly above: number } | { readonly below: number });

function rule(given: Given): AlarmRule {
  const comparison = 'above' in given ? 'above' : 'below';
  const threshold = 'above' in given ? given.above : given.below;
  const terms = Object.fromEntries(
    Object.entries(given).filter(([key]) => key !== 'above' && key !== 'below'),
  ) as unknown as Given;
  return {
    enabled: true,
    comparison,
    threshold,
    clear: threshold,
    windowSeconds: undefined,
    lastingSeconds: 0,
    endingSeconds: 60,
    least: 0,
    subjects: [],
    group: undefined,
    channels: undefined,
    note: '',
    isBuiltIn: true,
    ...terms,
  };
}

/**
 * The rules that a switch begins with (OPS-11). Those that Prometheus has, too, are made of these: names, severities, thresholds and times
 * of `tools/telemetry/alerts.ts` come from here. Each has its page in docs/runbooks.
 */
export const builtInAlarmRules: readonly AlarmRule[] = [
  rule({
    name: 'TandemCallsStop',
    figure: 'calls-of-hour',
    below: 10,
    clear: 25,
    windowSeconds: 300,
    lastingSeconds: 300,
    least: 1800,
    severity: 'page',
    summary: 'A tenth of the calls of the last hour come, or less.',
  }),
  rule({
    name: 'TandemOverload',
    figure: 'overloaded',
    above: 0,
    lastingSeconds: 120,
    severity: 'page',
    summary: 'Edges begin fewer new calls than come.',
  }),
  rule({
    name: 'TandemGatewayFails',
    figure: 'gateway-failed',
    above: 50,
    clear: 40,
    windowSeconds: 900,
    lastingSeconds: 300,
    least: 45,
    severity: 'page',
    summary: 'More than half of the attempts at {subject} fail by its own fault.',
  }),
  rule({
    name: 'TandemGatewayThrottled',
    figure: 'gateway-share',
    below: 33,
    clear: 50,
    lastingSeconds: 300,
    severity: 'ticket',
    summary: '{subject} keeps failing, and gets less than a third of its calls.',
  }),
  rule({
    name: 'TandemLinesFull',
    figure: 'lines-used',
    above: 90,
    clear: 85,
    lastingSeconds: 120,
    severity: 'ticket',
    summary: 'More than nine tenths of the lines of {subject} are in use.',
  }),
  rule({
    name: 'TandemGatewayOffline',
    figure: 'gateway-offline',
    above: 0,
    lastingSeconds: 120,
    severity: 'page',
    summary: '{subject} answers no OPTIONS check, and gets no calls.',
  }),
  rule({
    name: 'TandemCarrierNotRegistered',
    figure: 'carrier-unregistered',
    above: 0,
    lastingSeconds: 300,
    severity: 'page',
    summary: 'The switch is not registered with {subject}.',
  }),
  rule({
    name: 'TandemRegistrationsDropped',
    figure: 'registered-share',
    below: 80,
    clear: 90,
    windowSeconds: 900,
    lastingSeconds: 60,
    least: 20,
    severity: 'page',
    summary: 'A fifth of the phones is not registered any more.',
  }),
  rule({
    name: 'TandemBlackListGrows',
    figure: 'black-listed',
    above: 20,
    clear: 10,
    windowSeconds: 3600,
    severity: 'ticket',
    summary: 'More than twenty sources came on the black list within an hour.',
  }),
  rule({
    name: 'TandemPhonesSuspended',
    figure: 'suspended',
    above: 10,
    clear: 5,
    lastingSeconds: 300,
    severity: 'ticket',
    summary: '{value} terminals are suspended for wrong passwords.',
  }),
  rule({
    name: 'TandemBalanceLow',
    figure: 'balance-reached',
    above: 0,
    severity: 'ticket',
    summary: 'The balance of {subject} has reached its minimum.',
  }),
  rule({
    name: 'TandemMoneyDiffers',
    figure: 'money-differs',
    above: 0,
    severity: 'page',
    summary: 'Events, CDRs and ledger do not agree.',
  }),
  rule({
    name: 'TandemBillingLags',
    figure: 'billing-lag',
    above: 1000,
    clear: 100,
    lastingSeconds: 300,
    severity: 'page',
    summary: 'Call events wait in Kafka: balances are behind.',
  }),
  rule({
    name: 'TandemOutboxOld',
    figure: 'outbox-age',
    above: 60,
    clear: 10,
    lastingSeconds: 60,
    severity: 'page',
    summary: 'Events have waited for Kafka for a minute.',
  }),
  rule({
    name: 'TandemCertificateExpires',
    figure: 'certificate-days',
    below: 14,
    severity: 'ticket',
    summary: 'A certificate of SIP over TLS expires within two weeks.',
  }),
  rule({
    name: 'TandemServiceAway',
    figure: 'service-away',
    above: 0,
    lastingSeconds: 60,
    severity: 'page',
    summary: 'Requests to another service fail: {subject}.',
  }),
];

/** The built-in rule of a name. */
export function builtInAlarmRule(name: string): AlarmRule | undefined {
  return builtInAlarmRules.find((each) => each.name === name);
}
