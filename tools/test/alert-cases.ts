/** Values of a series, one a minute, in promtool's notation. */
type Values = string;

/** The same value all the time, for so many minutes. */
const flat = (value: number, minutes = 130): Values => `${String(value)}+0x${String(minutes)}`;

/** A counter that grows by so much a minute, from 0 or where it stood. */
const rising = (step: number, minutes = 130, from = 0): Values =>
  `${String(from)}+${String(step)}x${String(minutes)}`;

/** What makes alerts fire, and what does not. */
export interface AlertCase {
  readonly alerts: readonly string[];
  /** The minute at which they must fire, and must not. @default 115 */
  readonly atMinute?: number;
  /** By series: what it is when all is well, and when not. */
  readonly series: Readonly<Record<string, readonly [well: Values, not: Values]>>;
}

/** Something that happened once, at minute 110. */
const once: readonly [Values, Values] = [flat(0), `${flat(0, 109)} ${flat(1, 20)}`];
const steady = (step: number): readonly [Values, Values] => [rising(step), rising(step)];
/** Grows evenly, and not any more from minute 100 on. */
const stops = (step: number): Values => `${rising(step, 100)} ${flat(100 * step, 30)}`;
/** Grows slowly, and fast from minute 110 on. */
const leaps = (slow: number, fast: number): Values =>
  `${rising(slow, 110)} ${rising(fast, 20, 110 * slow + fast)}`;

const SET_UP = 'tandem_edge_set_up_duration_seconds';
const slo = {
  Calls: {
    tandem_edge_calls_total: steady(600),
    'tandem_edge_refused_total{cause="loop-delay"}': [flat(0), flat(0)],
    'tandem_edge_failures_total{reason="ServiceUnavailable"}': [flat(0), rising(60)],
    'tandem_edge_failures_total{reason="NoRate"}': steady(60),
  },
  SetUp: {
    [`${SET_UP}_count`]: steady(600),
    [`${SET_UP}_bucket{le="0.5"}`]: [rising(599), rising(300)],
  },
  Registrations: {
    'tandem_registrar_registrations_total{outcome="refreshed"}': steady(600),
    'tandem_registrar_registrations_total{outcome="error"}': [flat(0), rising(60)],
    'tandem_edge_registers_shed_total{cause="load"}': [flat(0), flat(0)],
  },
} as const;

/** One case for each alert. */
export const alertCases: readonly AlertCase[] = [
  ...Object.entries(slo).map(([title, series]) => ({
    alerts: [`TandemSlo${title}Fast`, `TandemSlo${title}Slow`],
    series,
  })),
  {
    alerts: ['TandemAnswersFall'],
    atMinute: 125,
    series: {
      tandem_edge_calls_total: steady(60),
      tandem_edge_answers_total: [rising(30), stops(30)],
    },
  },
  { alerts: ['TandemCallsStop'], series: { tandem_edge_calls_total: [rising(60), stops(60)] } },
  {
    alerts: ['TandemAlarmsUntold'],
    series: {
      'tandem_api_alarm_notifications_total{outcome="failed"}': [flat(0), rising(1)],
      'tandem_api_alarm_notifications_total{outcome="sent"}': steady(1),
    },
  },
  { alerts: ['TandemOverload'], series: { tandem_edge_shedding: [flat(0), flat(1)] } },
  {
    alerts: ['TandemUnexpectedError'],
    series: { 'tandem_edge_unexpected_errors_total{where="timer"}': once },
  },
  {
    alerts: ['TandemGatewayFails'],
    series: {
      'tandem_billing_gateway_attempts_total{gateway="a",outcome="answered"}': steady(10),
      'tandem_billing_gateway_attempts_total{gateway="a",outcome="declined"}': steady(10),
      'tandem_billing_gateway_attempts_total{gateway="a",outcome="failed"}': [
        rising(1),
        rising(30),
      ],
    },
  },
  {
    alerts: ['TandemGatewayRests'],
    series: { 'tandem_routing_gateway_usable{gateway="a"}': [flat(1), flat(0)] },
  },
  {
    alerts: ['TandemGatewayThrottled'],
    series: { 'tandem_routing_gateway_share{gateway="a"}': [flat(0.5), flat(0.25)] },
  },
  {
    alerts: ['TandemLinesFull'],
    series: {
      'tandem_routing_lines{subject="routing-gateway a"}': [flat(85), flat(95)],
      'tandem_routing_lines_limit{subject="routing-gateway a"}': [flat(100), flat(100)],
    },
  },
  {
    alerts: ['TandemGatewayOffline'],
    series: { 'tandem_routing_gateway_online{gateway="a"}': [flat(1), flat(0)] },
  },
  {
    alerts: ['TandemCarrierNotRegistered'],
    series: { 'tandem_registrar_outbound_registrations{state="refused"}': [flat(0), flat(2)] },
  },
  {
    alerts: ['TandemNamesFail'],
    series: { 'tandem_routing_names_total{outcome="failed"}': [flat(0), rising(1)] },
  },
  {
    alerts: ['TandemRegistrationsDropped'],
    series: { tandem_registrar_registered: [flat(100), `${flat(100, 108)} ${flat(60, 20)}`] },
  },
  {
    alerts: ['TandemRegistrationsSurge'],
    series: {
      'tandem_registrar_registrations_total{outcome="added"}': [rising(10), leaps(10, 1000)],
    },
  },
  {
    alerts: ['TandemRegistrationsRefused'],
    series: { 'tandem_journal_noted_total{cause="wrong-password"}': [rising(10), leaps(10, 1000)] },
  },
  {
    alerts: ['TandemRegistersShed'],
    series: { 'tandem_edge_registers_shed_total{cause="source"}': [rising(6), rising(120)] },
  },
  {
    alerts: ['TandemPasswordsWrong'],
    series: {
      'tandem_auth_authentications_total{outcome="deny",reason="AuthenticationFailed"}': [
        rising(6),
        rising(120),
      ],
    },
  },
  {
    alerts: ['TandemBlackListGrows'],
    series: { tandem_auth_black_listed_total: [flat(0), rising(1)] },
  },
  { alerts: ['TandemBillingLags'], series: { tandem_billing_kafka_lag: [flat(50), flat(5000)] } },
  {
    alerts: ['TandemBillingCannotStore'],
    series: { tandem_billing_failed_batches_total: [flat(0), rising(2)] },
  },
  {
    alerts: ['TandemEventPutAside'],
    series: { 'tandem_billing_dead_events_total{cause="unusable"}': once },
  },
  { alerts: ['TandemEventLost'], series: { tandem_edge_lost_events_total: once } },
  {
    alerts: ['TandemMoneyDiffers'],
    series: { tandem_billing_reconciliation_differences: [flat(0), flat(1)] },
  },
  {
    alerts: ['TandemFeedStands'],
    series: { 'tandem_billing_feed_failures_total{feed="webhook"}': once },
  },
  {
    alerts: ['TandemCdrDaysFail'],
    series: { tandem_billing_failed_housekeeping_total: once },
  },
  {
    alerts: ['TandemInvoicesFail'],
    series: {
      tandem_billing_failed_invoices_total: once,
      tandem_billing_failed_disputes_total: once,
    },
  },
  {
    alerts: ['TandemImportBehind'],
    series: {
      'tandem_routing_rate_sheet_version{group="standard",instance="routing-0"}': [
        flat(3),
        flat(3),
      ],
      'tandem_routing_rate_sheet_version{group="standard",instance="routing-1"}': [
        flat(3),
        flat(2),
      ],
      'tandem_routing_number_list_version{list="vip",instance="routing-0"}': [flat(1), flat(1)],
      'tandem_routing_number_list_version{list="vip",instance="routing-1"}': [flat(1), flat(1)],
    },
  },
  {
    alerts: ['TandemReplayFails'],
    series: { 'tandem_api_replays_total{outcome="failed"}': once },
  },
  {
    alerts: ['TandemReratingFails'],
    series: { 'tandem_billing_reratings_total{outcome="failed"}': once },
  },
  {
    alerts: ['TandemCallsWithoutEnd'],
    series: { 'tandem_billing_closed_calls_total{kind="lost"}': once },
  },
  { alerts: ['TandemPodDied'], series: { 'tandem_edge_adoptions_total{cause="sweep"}': once } },
  { alerts: ['TandemPodPaused'], series: { tandem_edge_lost_slots_total: once } },
  {
    alerts: ['TandemDrainHangs'],
    series: { 'tandem_edge_draining{instance="edge-0"}': [flat(0), flat(1)] },
  },
  { alerts: ['TandemOutboxOld'], series: { tandem_edge_outbox_age_seconds: [flat(2), flat(90)] } },
  {
    alerts: ['TandemSourceHidden'],
    series: {
      'tandem_edge_network{source="preserved",transport="udp",target="t"}': [flat(1), '_x130'],
      'tandem_edge_network{source="hidden",transport="udp",target="t"}': ['_x130', flat(1)],
    },
  },
  {
    alerts: ['TandemAddressLeadsElsewhere'],
    series: {
      'tandem_edge_network{leads_here="no",transport="udp",target="t"}': ['_x130', flat(1)],
    },
  },
  {
    // promtool begins at the epoch: minute 115 is two hours after it.
    alerts: ['TandemCertificateExpires'],
    series: {
      tandem_edge_certificate_expiry_seconds: [flat(30 * 86_400), flat(10 * 86_400)],
    },
  },
  {
    alerts: ['TandemCertificateUnusable'],
    series: { 'tandem_edge_certificate_changes_total{result="kept"}': once },
  },
  {
    alerts: ['TandemServiceCertificateExpires'],
    series: { tandem_rpc_certificate_expiry_seconds: [flat(30 * 86_400), flat(5 * 86_400)] },
  },
  {
    alerts: ['TandemServiceCertificateUnusable'],
    series: { 'tandem_rpc_certificate_changes_total{result="kept"}': once },
  },
  {
    alerts: ['TandemMediaRelayAway'],
    series: { 'tandem_edge_media_relays{relay="r"}': [flat(1), flat(0)] },
  },
  {
    alerts: ['TandemMediaNotAnchored'],
    atMinute: 112,
    series: { 'tandem_edge_media_attempts_total{result="no-relay"}': once },
  },
  {
    alerts: ['TandemRedisFails'],
    series: { 'tandem_redis_failures_total{script="claim"}': [flat(0), rising(60)] },
  },
  {
    alerts: ['TandemRedisSlow'],
    series: {
      'tandem_redis_duration_seconds_bucket{le="0.1"}': [rising(600), rising(300)],
      'tandem_redis_duration_seconds_bucket{le="0.2"}': steady(600),
      'tandem_redis_duration_seconds_bucket{le="+Inf"}': steady(600),
    },
  },
  {
    alerts: ['TandemServiceAway'],
    series: { 'tandem_rpc_failures_total{method="auth stream"}': [flat(0), rising(60)] },
  },
  {
    alerts: ['TandemEventsWithoutRedis'],
    series: { 'tandem_edge_unstored_events_total{type="ended"}': once },
  },
  { alerts: ['TandemJournalLoses'], series: { tandem_journal_lost_total: once } },
  { alerts: ['TandemJournalLags'], series: { tandem_journal_kafka_lag: [flat(50), flat(50_000)] } },
  { alerts: ['TandemMessagesLost'], series: { 'tandem_messages_lost_total{cause="log"}': once } },
  { alerts: ['TandemSilent'], series: { tandem_edge_calls_total: [rising(60), rising(60, 100)] } },
];
