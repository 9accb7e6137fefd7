import { counter, histogram, tracer } from '@tandem/telemetry';
import type { Counter, MetricSettings } from '@tandem/telemetry';

/** Metrics and spans of the edge; described in docs/telemetry.md. */
const meter = 'tandem.edge';

export const edgeTracer = tracer(meter);

/** A counter whose sum since the start of the process can be read, for status answers. */
export interface Tally extends Counter {
  readonly total: number;
}

/** Initial INVITEs that were not challenged. */
export const callsStarted = tally({
  meter,
  name: 'tandem.edge.calls',
  description: 'Calls begun: initial INVITEs that were not challenged',
  unit: '{call}',
});

export const callsAnswered = tally({
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
export const messagesDropped = tally({
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

/** By attribute `cause`: `message` of a call that this pod did not have, `sweep`, `offer` of a pod that drains. */
export const callsAdopted = tally({
  meter,
  name: 'tandem.edge.adoptions',
  description: 'Calls taken over from a pod that died or drains, by cause',
  unit: '{call}',
});

/** A pod was paused for too long: a write found that its call is another pod's now. */
export const callsLost = tally({
  meter,
  name: 'tandem.edge.lost_calls',
  description: 'Calls that another pod had adopted while this one still had them',
  unit: '{call}',
});

/** By attribute `kind`: `request` or `response`. */
export const messagesHanded = tally({
  meter,
  name: 'tandem.edge.handed_messages',
  description: 'Messages given to the pod that has their call, by kind',
  unit: '{message}',
});

export const callsHanded = tally({
  meter,
  name: 'tandem.edge.handed_calls',
  description: 'Calls without a final answer that were offered to other pods while draining',
  unit: '{call}',
});

export const drains = tally({
  meter,
  name: 'tandem.edge.drains',
  description: 'Times that this process began to drain',
  unit: '{drain}',
});

export const slotsLost = tally({
  meter,
  name: 'tandem.edge.lost_slots',
  description: 'Times that the lease of the slot ran out while the process lived',
  unit: '{slot}',
});

/** Leases without calls (ROUTE-05). */
export const leasesFreed = tally({
  meter,
  name: 'tandem.edge.leases_freed',
  description: 'Leases of lines whose call was gone, freed by the reconciler',
  unit: '{lease}',
});

/** By attribute `type`: `answered` or `ended`. */
export const eventsUnstored = tally({
  meter,
  name: 'tandem.edge.unstored_events',
  description: 'Events that went to the log without the store, which was away or had lost the call',
  unit: '{event}',
});

function tally(settings: MetricSettings): Tally {
  const instrument = counter(settings);
  let total = 0;
  return {
    get total() {
      return total;
    },
    add: (value, attributes) => {
      total += value;
      instrument.add(value, attributes);
    },
  };
}
