import { builtInAlarmRules } from '../../libs/config/src/index.ts';
import { perSecond } from './description.ts';
import type { Alert, Condition, RuleGroup } from './description.ts';
import { burnAlerts, ratioRules } from './slo.ts';

/** What must not happen at all: one is enough, and it is said by the labels that tell them apart. */
function happened(counter: string, window: string, by = ''): Condition {
  const grouped = by === '' ? '' : ` by (${by})`;
  return { value: `sum${grouped}(increase(${counter}[${window}]))`, is: '> 0' };
}

/** What an alert has in common with the alarm of its name, which the switch raises by itself: they are said once, in libs/config. */
function shared(
  name: string,
  label = '',
): Pick<Alert, 'name' | 'severity' | 'summary' | 'lasting'> {
  const rule = alarmRule(name);
  const { lastingSeconds, severity, summary } = rule;
  const lasting = lastingSeconds === 0 ? {} : { lasting: `${String(lastingSeconds / 60)}m` };
  return {
    name,
    severity,
    summary: summary.replace('{subject}', `{{ $labels.${label} }}`),
    ...lasting,
  };
}

/** The comparison of an alarm, in the unit of the metric: `> 0.9` of one that is raised above 90 %. */
function beyond(name: string, unit = 1): string {
  const { comparison, threshold } = alarmRule(name);
  return `${comparison === 'above' ? '>' : '<'} ${String(threshold / unit)}`;
}

function alarmRule(name: string): (typeof builtInAlarmRules)[number] {
  const rule = builtInAlarmRules.find((each) => each.name === name);
  if (rule === undefined) throw new Error(`no alarm is called ${name}`);
  return rule;
}

const calls15m = perSecond('tandem_edge_calls_total', [], '15m');
const answers = (window: string): string =>
  `${perSecond('tandem_edge_answers_total', [], window)} / (${perSecond('tandem_edge_calls_total', [], window)} > 0)`;
const gatewayAttempts = perSecond('tandem_billing_gateway_attempts_total', ['gateway'], '15m');
const gatewayFailures = perSecond(
  'tandem_billing_gateway_attempts_total{outcome="failed"}',
  ['gateway'],
  '15m',
);
const REGISTERED = 'tandem_registrar_registered';
const added = (window: string): string =>
  perSecond('tandem_registrar_registrations_total{outcome="added"}', [], window);
const REFUSED =
  'tandem_journal_noted_total{cause=~"wrong-password|unknown-user|suspended|black-listed|bindings-full"}';
const refused = (window: string): string => perSecond(REFUSED, ['cause'], window);

const LIST_VERSION = 'tandem_routing_number_list_version';
const SHEET_VERSION = 'tandem_routing_rate_sheet_version';

/** What all pods should have in the same version, and one has not. */
function behind(gauge: string, label: string): Condition {
  return { value: `max by (${label}) (${gauge}) - min by (${label}) (${gauge})`, is: '> 0' };
}

const calls: readonly Alert[] = [
  {
    name: 'TandemAnswersFall',
    severity: 'page',
    summary: 'Half as many calls are answered, of those that come, as in the last six hours.',
    when: [
      [
        { value: `(${answers('15m')}) / (${answers('6h')})`, is: '< 0.5' },
        { value: calls15m, is: '> 0.5' },
      ],
    ],
    lasting: '5m',
  },
  {
    ...shared('TandemCallsStop'),
    when: [
      [
        {
          value: `${perSecond('tandem_edge_calls_total', [], '5m')} / (${perSecond('tandem_edge_calls_total', [], '1h')} > 0)`,
          is: beyond('TandemCallsStop', 100),
        },
        { value: perSecond('tandem_edge_calls_total', [], '1h'), is: '> 0.5' },
      ],
    ],
  },
  {
    ...shared('TandemOverload'),
    when: [[{ value: 'sum(tandem_edge_shedding)', is: beyond('TandemOverload') }]],
  },
  {
    name: 'TandemUnexpectedError',
    severity: 'ticket',
    summary: 'A fault of the switch has cost a message or a call ({{ $labels.where }}).',
    when: [[happened('tandem_edge_unexpected_errors_total', '10m', 'where')]],
  },
];

const gateways: readonly Alert[] = [
  {
    ...shared('TandemGatewayFails', 'gateway'),
    when: [
      [
        {
          value: `${gatewayFailures} / (${gatewayAttempts} > 0)`,
          is: beyond('TandemGatewayFails', 100),
        },
        { value: gatewayAttempts, is: '> 0.05' },
      ],
    ],
  },
  {
    name: 'TandemGatewayRests',
    severity: 'ticket',
    summary:
      '{{ $labels.gateway }} has asked for no calls for more than half of the last ten minutes.',
    when: [
      [
        {
          value: 'min by (gateway) (avg_over_time(tandem_routing_gateway_usable[10m]))',
          is: '< 0.5',
        },
      ],
    ],
  },
  {
    ...shared('TandemGatewayThrottled', 'gateway'),
    when: [
      [
        {
          value: 'min by (gateway) (tandem_routing_gateway_share)',
          is: beyond('TandemGatewayThrottled', 100),
        },
      ],
    ],
  },
  {
    ...shared('TandemLinesFull', 'subject'),
    when: [
      [
        {
          value:
            'max by (subject) (tandem_routing_lines) / max by (subject) (tandem_routing_lines_limit)',
          is: beyond('TandemLinesFull', 100),
        },
      ],
    ],
  },
  {
    ...shared('TandemGatewayOffline', 'gateway'),
    when: [[{ value: 'min by (gateway) (tandem_routing_gateway_online)', is: '== 0' }]],
  },
  {
    ...shared('TandemCarrierNotRegistered'),
    summary:
      'The switch is not registered with {{ $value }} of its carriers ({{ $labels.state }}).',
    when: [
      [
        {
          value:
            'max by (state) (tandem_registrar_outbound_registrations{state=~"refused|unreachable|registering"})',
          is: beyond('TandemCarrierNotRegistered'),
        },
      ],
    ],
  },
  {
    name: 'TandemNamesFail',
    severity: 'ticket',
    summary: 'Name servers do not answer for the names of gateways.',
    when: [[{ ...happened('tandem_routing_names_total{outcome="failed"}', '15m'), is: '> 3' }]],
  },
  {
    name: 'TandemImportBehind',
    severity: 'ticket',
    summary:
      'A pod of routing goes on without the newest number list, or imported rates, that others have.',
    when: [[behind(LIST_VERSION, 'list')], [behind(SHEET_VERSION, 'group')]],
    lasting: '2m',
  },
];

const registrations: readonly Alert[] = [
  {
    ...shared('TandemRegistrationsDropped'),
    when: [
      [
        {
          value: `max(${REGISTERED}) / max(max_over_time(${REGISTERED}[15m]))`,
          is: beyond('TandemRegistrationsDropped', 100),
        },
        { value: `max(max_over_time(${REGISTERED}[15m]))`, is: '> 20' },
      ],
    ],
  },
  {
    name: 'TandemRegistrationsSurge',
    severity: 'ticket',
    summary: 'Phones register anew five times as often as in the last hour.',
    when: [
      [
        { value: `${added('5m')} / (${added('1h')} > 0)`, is: '> 5' },
        { value: added('5m'), is: '> 1' },
      ],
    ],
    lasting: '2m',
  },
  {
    name: 'TandemRegistrationsRefused',
    severity: 'ticket',
    summary:
      'Registrations are refused five times as often as in the last hour ({{ $labels.cause }}).',
    when: [
      [
        { value: `${refused('5m')} / (${refused('1h')} > 0)`, is: '> 5' },
        { value: refused('5m'), is: '> 1' },
      ],
    ],
    lasting: '2m',
  },
  {
    name: 'TandemRegistersShed',
    severity: 'ticket',
    summary: 'REGISTER requests are refused unread: {{ $labels.cause }}.',
    when: [[{ value: perSecond('tandem_edge_registers_shed_total', ['cause'], '5m'), is: '> 1' }]],
    lasting: '5m',
  },
];

const auth: readonly Alert[] = [
  {
    name: 'TandemPasswordsWrong',
    severity: 'ticket',
    summary:
      'More than one request a second has a wrong password, or is of somebody suspended for it.',
    when: [
      [
        {
          value: perSecond(
            'tandem_auth_authentications_total{outcome="deny", reason=~"AuthenticationFailed|Suspended"}',
            [],
            '5m',
          ),
          is: '> 1',
        },
      ],
    ],
    lasting: '5m',
  },
  {
    ...shared('TandemBlackListGrows'),
    when: [
      [{ ...happened('tandem_auth_black_listed_total', '1h'), is: beyond('TandemBlackListGrows') }],
    ],
  },
];

const billing: readonly Alert[] = [
  {
    ...shared('TandemBillingLags'),
    when: [[{ value: 'sum(tandem_billing_kafka_lag)', is: beyond('TandemBillingLags') }]],
  },
  {
    name: 'TandemBillingCannotStore',
    severity: 'page',
    summary: 'Billing cannot store what it reads, and tries again.',
    when: [[{ ...happened('tandem_billing_failed_batches_total', '5m'), is: '> 3' }]],
    lasting: '2m',
  },
  {
    name: 'TandemEventPutAside',
    severity: 'ticket',
    summary:
      'A call event was put aside ({{ $labels.cause }}): a call without CDR, or not charged.',
    when: [[happened('tandem_billing_dead_events_total', '15m', 'cause')]],
  },
  {
    name: 'TandemEventLost',
    severity: 'page',
    summary: 'Events of calls are lost for good: those calls are not billed.',
    when: [[happened('tandem_edge_lost_events_total', '10m')]],
  },
  {
    ...shared('TandemMoneyDiffers'),
    when: [
      [
        {
          value: 'max(tandem_billing_reconciliation_differences)',
          is: beyond('TandemMoneyDiffers'),
        },
      ],
    ],
  },
  {
    name: 'TandemFeedStands',
    severity: 'ticket',
    summary: 'A feed of CDRs ({{ $labels.feed }}) does not take its batch.',
    when: [[happened('tandem_billing_feed_failures_total', '30m', 'feed')]],
  },
  {
    name: 'TandemCdrDaysFail',
    severity: 'ticket',
    summary: 'Days of CDRs cannot be made, or not archived and dropped.',
    when: [[happened('tandem_billing_failed_housekeeping_total', '30m')]],
  },
  {
    name: 'TandemInvoicesFail',
    severity: 'ticket',
    summary: 'Invoices cannot be drafted, added up or issued, or disputes not compared.',
    when: [
      [happened('tandem_billing_failed_invoices_total', '30m')],
      [happened('tandem_billing_failed_disputes_total', '30m')],
    ],
  },
  {
    name: 'TandemCallsWithoutEnd',
    severity: 'ticket',
    summary: 'Nobody told how calls ended, and the closer ended them ({{ $labels.kind }}).',
    when: [[happened('tandem_billing_closed_calls_total', '1h', 'kind')]],
  },
];

const edges: readonly Alert[] = [
  {
    name: 'TandemPodDied',
    severity: 'ticket',
    summary: 'Calls of an edge that was gone were taken over by others.',
    when: [[happened('tandem_edge_adoptions_total{cause=~"message|sweep"}', '10m')]],
  },
  {
    name: 'TandemPodPaused',
    severity: 'ticket',
    summary:
      'An edge stood still for so long that others took it for dead, or could not reach Redis.',
    when: [[happened('tandem_edge_lost_slots_total', '10m')]],
  },
  {
    name: 'TandemDrainHangs',
    severity: 'ticket',
    summary: 'An edge has drained for half an hour.',
    when: [[{ value: 'max by (instance) (min_over_time(tandem_edge_draining[30m]))', is: '> 0' }]],
    lasting: '5m',
  },
  {
    ...shared('TandemOutboxOld'),
    when: [[{ value: 'max(tandem_edge_outbox_age_seconds)', is: beyond('TandemOutboxOld') }]],
  },
  {
    name: 'TandemSourceHidden',
    severity: 'page',
    summary:
      'The network hides where packets come from ({{ $labels.transport }} {{ $labels.target }}): everybody looks like one caller.',
    when: [
      [{ value: 'count by (transport, target) (tandem_edge_network{source="hidden"})', is: '> 0' }],
    ],
    lasting: '1m',
  },
  {
    name: 'TandemAddressLeadsElsewhere',
    severity: 'page',
    summary:
      'An advertised address does not lead to the switch ({{ $labels.transport }} {{ $labels.target }}).',
    when: [
      [{ value: 'count by (transport, target) (tandem_edge_network{leads_here="no"})', is: '> 0' }],
    ],
    lasting: '1m',
  },
  {
    ...shared('TandemCertificateExpires'),
    when: [
      [
        {
          value: '(min(tandem_edge_certificate_expiry_seconds) - time()) / 86400',
          is: beyond('TandemCertificateExpires'),
        },
      ],
    ],
  },
  {
    name: 'TandemCertificateUnusable',
    severity: 'page',
    summary: 'A new certificate of SIP over TLS cannot be used; the old one stays.',
    when: [[happened('tandem_edge_certificate_changes_total{result="kept"}', '1h')]],
  },
  {
    name: 'TandemMediaRelayAway',
    severity: 'page',
    summary: 'The media relay {{ $labels.relay }} does not answer.',
    when: [[{ value: 'min by (relay) (tandem_edge_media_relays)', is: '< 1' }]],
    lasting: '1m',
  },
  {
    name: 'TandemMediaNotAnchored',
    severity: 'page',
    summary: 'Calls whose media was to go through a relay found none.',
    when: [[happened('tandem_edge_media_attempts_total{result="no-relay"}', '5m')]],
  },
];

const stores: readonly Alert[] = [
  {
    name: 'TandemRedisFails',
    severity: 'page',
    summary: 'Redis does not answer, or refuses.',
    when: [[{ value: perSecond('tandem_redis_failures_total', [], '2m'), is: '> 0.5' }]],
    lasting: '1m',
  },
  {
    name: 'TandemRedisSlow',
    severity: 'ticket',
    summary: 'One script of Redis in a hundred takes longer than 100 ms.',
    when: [
      [
        {
          value: `histogram_quantile(0.99, ${perSecond('tandem_redis_duration_seconds_bucket', ['le'], '5m')})`,
          is: '> 0.1',
        },
      ],
    ],
    lasting: '5m',
  },
  {
    ...shared('TandemServiceAway', 'method'),
    when: [[{ value: perSecond('tandem_rpc_failures_total', ['method'], '2m'), is: '> 0.2' }]],
  },
  {
    name: 'TandemServiceCertificateExpires',
    severity: 'ticket',
    summary: 'A certificate that services show each other expires within a week.',
    when: [[{ value: '(min(tandem_rpc_certificate_expiry_seconds) - time()) / 86400', is: '< 7' }]],
  },
  {
    name: 'TandemServiceCertificateUnusable',
    severity: 'page',
    summary: 'A new certificate between services cannot be used; the old one stays.',
    when: [[happened('tandem_rpc_certificate_changes_total{result="kept"}', '1h')]],
  },
  {
    name: 'TandemEventsWithoutRedis',
    severity: 'ticket',
    summary:
      'Events went to Kafka past Redis, which was away or had lost the call ({{ $labels.type }}).',
    when: [[happened('tandem_edge_unstored_events_total', '10m', 'type')]],
  },
  {
    name: 'TandemJournalLoses',
    severity: 'ticket',
    summary: 'Kafka does not take the journal, and entries are lost.',
    when: [[happened('tandem_journal_lost_total', '10m')]],
  },
  {
    name: 'TandemJournalLags',
    severity: 'ticket',
    summary: 'What happened waits in Kafka, and is not in the journal yet.',
    when: [[{ value: 'sum(tandem_journal_kafka_lag)', is: '> 10000' }]],
    lasting: '10m',
  },
  {
    name: 'TandemMessagesLost',
    severity: 'ticket',
    summary: 'SIP messages are not kept ({{ $labels.cause }}): explanations lack what proves them.',
    when: [[happened('tandem_messages_lost_total', '10m', 'cause')]],
  },
  {
    name: 'TandemReplayFails',
    severity: 'ticket',
    summary: 'A replay of calls against a draft ended without a result.',
    when: [[happened('tandem_api_replays_total{outcome="failed"}', '1h')]],
  },
  {
    name: 'TandemReratingFails',
    severity: 'ticket',
    summary: 'A re-rating of calls ended before its preview, or its booking, did.',
    when: [[happened('tandem_billing_reratings_total{outcome="failed"}', '1h')]],
  },
  {
    name: 'TandemSilent',
    severity: 'page',
    summary: 'No edge reports: it, the collector or the way between is away.',
    when: [[{ value: 'absent(tandem_edge_calls_total)', is: '> 0' }]],
    lasting: '5m',
  },
];

const alarms: readonly Alert[] = [
  {
    name: 'TandemAlarmsUntold',
    severity: 'page',
    summary: 'Channels do not take what they are told of alarms.',
    when: [
      [
        {
          ...happened('tandem_api_alarm_notifications_total{outcome=~"failed|given-up"}', '15m'),
          is: '> 3',
        },
      ],
    ],
  },
];

/** All rules of the chart, by file. */
export const ruleGroups: readonly RuleGroup[] = [
  { name: 'service-levels', records: ratioRules, alerts: burnAlerts },
  { name: 'calls', alerts: calls },
  { name: 'gateways', alerts: gateways },
  { name: 'registrations', alerts: registrations },
  { name: 'auth', alerts: auth },
  { name: 'billing', alerts: billing },
  { name: 'edges', alerts: edges },
  { name: 'stores', alerts: stores },
  { name: 'alarms', alerts: alarms },
];

/** All alerts, in the order of their files. */
export const alerts: readonly Alert[] = ruleGroups.flatMap((group) => group.alerts);
