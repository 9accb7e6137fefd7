import {
  SpanKind,
  counter,
  gauge,
  histogram,
  isTelemetryOn,
  startSpan,
  tracer,
} from '@tandem/telemetry';
import type { Span } from '@tandem/telemetry';
import type { ReceivedCallEvent } from '@tandem/events';

const METER = 'tandem.billing';
const spans = tracer(METER);

/** CDRs that were stored and charged. */
export const storedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.cdrs',
  description: 'CDRs stored',
  unit: '{cdr}',
});

/** CDRs that the closer made, by `kind`: lost, partial. */
export const closedCalls = counter({
  meter: METER,
  name: 'tandem.billing.closed_calls',
  description: 'Calls that the closer ended since nobody told their ends',
  unit: '{call}',
});

/** CDRs of the closer that a call's own end replaced. */
export const revisedCdrs = counter({
  meter: METER,
  name: 'tandem.billing.revised_cdrs',
  description: 'CDRs of the closer that were replaced by the end of the call itself',
  unit: '{cdr}',
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
});

/** Events that were put aside. */
export const deadEvents = counter({
  meter: METER,
  name: 'tandem.billing.dead_events',
  description: 'Events that could not be read, charged or stored',
  unit: '{event}',
});

/** Failed attempts at a batch; it is tried again. */
export const failedBatches = counter({
  meter: METER,
  name: 'tandem.billing.failed_batches',
  description: 'Attempts to store a batch that failed',
  unit: '{batch}',
});

/** Time to store and charge one batch. */
export const batchDuration = histogram({
  meter: METER,
  name: 'tandem.billing.batch.duration',
  description: 'Time to store and charge one batch of events',
  unit: 's',
});

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
