import {
  SpanKind,
  counter,
  each,
  gauge,
  histogram,
  isTelemetryOn,
  startSpan,
  tracer,
} from '@tandem/telemetry';
import type { Span } from '@tandem/telemetry';
import type { ReceivedCallEvent } from '@tandem/events';
import { attemptOutcomes } from './core/gateway-figures.ts';
import type { GatewayFigure } from './core/gateway-figures.ts';

const METER = 'tandem.billing';
const spans = tracer(METER);

/** CDRs that were stored and charged. */
export const storedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.cdrs',
  description: 'CDRs stored',
  unit: '{cdr}',
  zeros: [{}],
});

/** CDRs that the closer made, by `kind`: lost, partial. */
export const closedCalls = counter({
  meter: METER,
  name: 'tandem.billing.closed_calls',
  description: 'Calls that the closer ended since nobody told their ends',
  unit: '{call}',
  zeros: each('kind', 'lost', 'partial'),
});

/** CDRs of the closer that a call's own end replaced. */
export const revisedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.revised_cdrs',
  description: 'CDRs of the closer that were replaced by the end of the call itself',
  unit: '{cdr}',
  zeros: [{}],
});

/** Reports what the last daily reconciliation found. Returns what ends it. */
export function reportDifferences(differences: () => number): () => void {
  return gauge(
    {
      meter: METER,
      name: 'tandem.billing.reconciliation.differences',
      description: 'Differences between events, CDRs and ledger that the last reconciliation found',
      unit: '{difference}',
    },
    (observe) => {
      observe(differences());
    },
  );
}

/** Events of which nothing came since the call had its CDR already. */
export const droppedDuplicates = counter({
  meter: METER,
  name: 'tandem.billing.duplicates',
  description: 'Events dropped because they were taken before',
  unit: '{event}',
  zeros: [{}],
});

/** Events that were put aside. */
export const deadEvents = counter({
  meter: METER,
  name: 'tandem.billing.dead_events',
  description: 'Events that could not be read, charged or stored',
  unit: '{event}',
  zeros: each('cause', 'undecodable', 'unusable'),
});

/** Failed attempts at a batch; it is tried again. */
export const failedBatches = counter({
  meter: METER,
  name: 'tandem.billing.failed_batches',
  description: 'Attempts to store a batch that failed',
  unit: '{batch}',
  zeros: [{}],
});

/** Time to store and charge one batch. */
export const batchDuration = histogram({
  meter: METER,
  name: 'tandem.billing.batch.duration',
  description: 'Time to store and charge one batch of events',
  unit: 's',
});

/** CDRs that were written into an archive before they went. */
export const archivedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.archived_cdrs',
  description: 'CDRs that were written into an archive before they were dropped',
  unit: '{cdr}',
  zeros: [{}],
});

/** Rounds in which days of CDRs were not made, or not archived and dropped; the next one tries again. */
export const failedArchives = counter({
  meter: METER,
  name: 'tandem.billing.failed_housekeeping',
  description: 'Rounds in which days of CDRs could not be made, archived or dropped',
  unit: '{round}',
  zeros: [{}],
});

/** Invoices and credit notes that were issued. */
export const issuedInvoices = counter({
  meter: METER,
  name: 'tandem.billing.invoices',
  description: 'Invoices and credit notes issued, by kind (invoice, credit-note)',
  unit: '{invoice}',
  zeros: each('kind', 'invoice', 'credit-note'),
});

/** Invoices that could not be drafted, added up or issued by themselves; the next round tries again. */
export const failedInvoices = counter({
  meter: METER,
  name: 'tandem.billing.failed_invoices',
  description: 'Attempts to draft, add up or issue invoices at the end of a period that failed',
  unit: '{attempt}',
  zeros: [{}],
});

/** Comparisons of disputes that broke off; the next round tries again. */
export const failedDisputes = counter({
  meter: METER,
  name: 'tandem.billing.failed_disputes',
  description: 'Comparisons of another side’s CDRs with ours that broke off',
  unit: '{attempt}',
  zeros: [{}],
});

/** Previews and bookings of re-ratings that ended, or went on elsewhere. */
export const reratingsEnded = counter({
  meter: METER,
  name: 'tandem.billing.reratings',
  description:
    'Previews and bookings of re-ratings by outcome: done, failed, removed while one was worked on, or taken over from a pod that is gone',
  unit: '{rerating}',
  zeros: each('outcome', 'done', 'failed', 'removed', 'taken-over'),
});

/** Reports the re-ratings that this pod works on. Returns what ends it. */
export function reportReratings(running: () => number): () => void {
  return gauge(
    {
      meter: METER,
      name: 'tandem.billing.reratings.running',
      description: 'Re-ratings that are previewed or booked by this pod',
      unit: '{rerating}',
    },
    (observe) => {
      observe(running());
    },
  );
}

/** CDRs that others were fed with, by `feed`: files, webhook. */
export const fedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.feed.cdrs',
  description: 'CDRs that a feed has taken, by feed (files, webhook)',
  unit: '{cdr}',
  zeros: each('feed', 'files', 'webhook'),
});

/** Batches that a feed did not take; they are sent again. */
export const failedFeedBatches = counter({
  meter: METER,
  name: 'tandem.billing.feed.failures',
  description: 'Attempts at batches of CDRs that a feed did not take, by feed (files, webhook)',
  unit: '{batch}',
  zeros: each('feed', 'files', 'webhook'),
});

/** Reports the CDRs that a feed was not sent yet. Returns what ends it. */
export function reportFeedBehind(feed: string, behind: () => number): () => void {
  return gauge(
    {
      meter: METER,
      name: 'tandem.billing.feed.behind',
      description: 'CDRs that a feed was not sent yet, by feed (files, webhook)',
      unit: '{cdr}',
    },
    (observe) => {
      observe(behind(), { feed });
    },
  );
}

/** Reports the events that wait in the log. Returns what ends it. */
export function reportLag(lag: () => number): () => void {
  return gauge(
    {
      meter: METER,
      name: 'tandem.billing.kafka.lag',
      description: 'Call events in the log that are not stored yet',
      unit: '{event}',
    },
    (observe) => {
      observe(lag());
    },
  );
}

const gatewayAttempts = counter({
  meter: METER,
  name: 'tandem.billing.gateway.attempts',
  description:
    'Attempts of finished calls at routing gateways, by gateway and outcome (answered, cancelled, declined, failed)',
  unit: '{attempt}',
});

const gatewayTalkTime = counter({
  meter: METER,
  name: 'tandem.billing.gateway.talk_time',
  description: 'How long was talked over routing gateways, by gateway',
  unit: 's',
});

const postDialDelay = histogram(
  {
    meter: METER,
    name: 'tandem.billing.gateway.post_dial_delay',
    description: 'From the INVITE to a routing gateway to its first ringing or answer, by gateway',
    unit: 's',
  },
  [0.2, 0.5, 1, 2, 3, 5, 8, 13, 20],
);

/** Has routing gateways stand at 0 before their first call: the first failure of one is seen as such. */
export function expectGateways(names: readonly string[]): void {
  for (const gateway of names) {
    for (const outcome of attemptOutcomes) gatewayAttempts.add(0, { gateway, outcome });
    gatewayTalkTime.add(0, { gateway });
  }
}

/** What finished calls say of routing gateways; counted once each, while telemetry is on. */
export function countGateways(figures: readonly GatewayFigure[]): void {
  if (!isTelemetryOn()) return;
  for (const { gateway, outcome, postDialSeconds, talkSeconds } of figures) {
    gatewayAttempts.add(1, { gateway, outcome });
    if (postDialSeconds !== undefined) postDialDelay.record(postDialSeconds, { gateway });
    gatewayTalkTime.add(talkSeconds, { gateway });
  }
}

/** Begins a span for each event, as a child of the call's (OPS-06); none while telemetry is off. */
export function startEventSpans(events: readonly ReceivedCallEvent[]): readonly Span[] {
  if (!isTelemetryOn()) return [];
  return events.map(({ head }) =>
    startSpan(spans, {
      name: 'billing.store-event',
      parent: head.traceParent,
      kind: SpanKind.CONSUMER,
      attributes: {
        'tandem.call_id': head.callId,
        'tandem.event_type': head.type,
        'messaging.batch.message_count': events.length,
      },
    }),
  );
}
