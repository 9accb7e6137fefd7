import { counter, histogram, tracer } from '@tandem/telemetry';

/** Metrics and spans of the edge; described in docs/telemetry.md. */
const meter = 'tandem.edge';

export const edgeTracer = tracer(meter);

/** Initial INVITEs that were not challenged. */
export const callsStarted = counter({
  meter,
  name: 'tandem.edge.calls',
  description: 'Calls begun: initial INVITEs that were not challenged',
  unit: '{call}',
});

export const callsAnswered = counter({
  meter,
  name: 'tandem.edge.answers',
  description: 'Calls answered',
  unit: '{call}',
});

/** By attribute `reason`: behaviour §2. */
export const callsFailed = counter({
  meter,
  name: 'tandem.edge.failures',
  description: 'Calls that were not answered, by termination reason',
  unit: '{call}',
});

/** By attribute `cause`. */
export const messagesDropped = counter({
  meter,
  name: 'tandem.edge.dropped',
  description: 'Messages that were dropped or refused as malformed, by cause',
  unit: '{message}',
});

export const eventsPublished = counter({
  meter,
  name: 'tandem.edge.events',
  description: 'Call events acknowledged by the log',
  unit: '{event}',
});

export const setUpTime = histogram({
  meter,
  name: 'tandem.edge.set_up.duration',
  description: 'From INVITE of the caller to INVITE of the carrier',
  unit: 's',
});
