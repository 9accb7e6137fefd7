import {
  SpanStatusCode,
  counter,
  each,
  gauge,
  histogram,
  startSpan,
  traceParentOf,
  tracer,
} from '@tandem/telemetry';
import type { Counter, MetricSettings, Span } from '@tandem/telemetry';
import { devicesRung } from './core/call/devices-rung.ts';
import type { CallWithAttempts } from './core/call/devices-rung.ts';

/** Metrics and spans of the edge; described in docs/telemetry.md. */
const meter = 'tandem.edge';

const edgeTracer = tracer(meter);

/** The span of an INVITE in this pod, from its arrival until its fate is known. */
export class CallSpan {
  /** Of the trace that other services go on with; '' while telemetry is off. */
  readonly traceParent: string;
  readonly #span: Span;

  /** @param adopted trace of the pod that began the call, which goes on here */
  constructor(adopted?: string) {
    this.#span = startSpan(edgeTracer, { name: 'edge.call', parent: adopted });
    this.traceParent = adopted ?? traceParentOf(this.#span);
  }

  /** @param outcome `answered`, `challenged`, `left`, `lost`, or the reason why the call has failed */
  end(callId: string, outcome: string): void {
    this.#span.setAttribute('tandem.outcome', outcome);
    this.#span.setAttribute('tandem.call_id', callId);
    if (outcome !== 'answered' && outcome !== 'challenged') {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    }
    this.#span.end();
  }
}

/** A counter whose sum since the start of the process can be read, for status answers. */
export interface Tally extends Counter {
  readonly total: number;
}

/** Reports how many connections there are by each transport. @returns what ends the report */
export function openConnections(
  read: () => readonly { readonly transport: string; readonly open: number }[],
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.edge.connections',
      description: 'Open connections of peers',
      unit: '{connection}',
    },
    (observe) => {
      for (const { open, transport } of read()) observe(open, { transport });
    },
  );
}

/** By attribute `transport`. */
export const connectionsDropped = counter({
  meter,
  name: 'tandem.edge.connections_dropped',
  description: 'Connections closed for want of room, as idle, too slow, not reading, or broken',
  unit: '{connection}',
  zeros: each('transport', 'tcp', 'tls', 'ws', 'wss'),
});

/** Reports when the first certificate of SIP expires. @returns what ends the report */
export function certificateExpiry(readMs: () => number): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.edge.certificate_expiry',
      description: 'When the first certificate of SIP over TLS expires, as a Unix time',
      unit: 's',
    },
    (observe) => {
      observe(readMs() / 1000);
    },
  );
}

/** By attribute `direction`: `in`, a peer has connected; `out`, we have. */
export const handshakesFailed = counter({
  meter,
  name: 'tandem.edge.handshakes_failed',
  description: 'Handshakes of TLS and WebSockets that came to nothing',
  unit: '{handshake}',
  zeros: each('direction', 'in', 'out'),
});

/** By attribute `result`: `replaced`, or `kept`, where the new files cannot be used. */
export const certificateChanges = counter({
  meter,
  name: 'tandem.edge.certificate_changes',
  description: 'Changed files of certificates that were looked at',
  unit: '{change}',
  zeros: each('result', 'replaced', 'kept'),
});

/** Initial INVITEs that were not challenged. */
export const callsStarted = tally({
  meter,
  name: 'tandem.edge.calls',
  description: 'Calls begun: initial INVITEs that were not challenged',
  unit: '{call}',
  zeros: [{}],
});

export const callsAnswered = tally({
  meter,
  name: 'tandem.edge.answers',
  description: 'Calls answered',
  unit: '{call}',
  zeros: [{}],
});

/** By attribute `reason`: behaviour §2. */
const callsFailed = counter({
  meter,
  name: 'tandem.edge.failures',
  description: 'Calls that were not answered, by termination reason',
  unit: '{call}',
  zeros: [{ reason: 'InternalError' }, { reason: 'ServiceUnavailable' }],
});

/** CALL-12, by attributes `outcome` (signed or unsigned) and `attestation`. */
export const callsSigned = counter({
  meter,
  name: 'tandem.edge.signatures',
  description: 'INVITEs that were to be signed, by outcome and attestation',
  unit: '{call}',
  zeros: [{ outcome: 'signed', attestation: 'A' }],
});

/** By attribute `outcome`: `answered`; `refused`: for want of credentials, or since they were refused; `lost`: nobody has the request. */
export const challenges = counter({
  meter,
  name: 'tandem.edge.challenges',
  description: 'Challenges of carriers in the dialogs of calls, by what became of them',
  unit: '{challenge}',
  zeros: each('outcome', 'answered', 'refused', 'lost'),
});

/** By attribute `cause`. */
export const messagesDropped = tally({
  meter,
  name: 'tandem.edge.dropped',
  description: 'Messages that were dropped or refused as malformed, by cause',
  unit: '{message}',
});

/** CALL-10, by attribute `where`: each is a fault of the switch, and cost a message or a call what it wanted. */
export const unexpectedErrors = counter({
  meter,
  name: 'tandem.edge.unexpected_errors',
  description: 'Errors that nobody expected while messages were handled, by where they were thrown',
  unit: '{error}',
  zeros: each('where', 'message', 'continuation', 'timer', 'call'),
});

/** INVITEs that begin no call, by attribute `cause`: what has the rate limited, or `share` (CALL-11). */
export const callsRefused = refusals();

/**
 * By attribute `cause`: `repeated` INVITEs of those, their `ack`s, INVITEs of strangers that are left `unanswered`, `standing`
 * requests, `garbage`, what a `front` drops.
 */
export const messagesShed = tally({
  meter,
  name: 'tandem.edge.shed',
  description: 'Messages that were refused or dropped unread under overload, by cause',
  unit: '{message}',
  zeros: each('cause', 'repeated', 'ack', 'unanswered', 'standing', 'garbage', 'front'),
});

/** By attribute `side`: who refused it. Each has the switch hang up on both ends itself. */
export const byesRefused = counter({
  meter,
  name: 'tandem.edge.refused_byes',
  description: 'BYEs of one end that the other end refused, by the side that refused',
  unit: '{message}',
  zeros: each('side', 'caller', 'callee'),
});

/** REG-09, by attribute `code`. */
export const registersAnswered = counter({
  meter,
  name: 'tandem.edge.registers',
  description: 'REGISTER requests that were answered, by code',
  unit: '{request}',
});

export const registersShed = counter({
  meter,
  name: 'tandem.edge.registers.shed',
  description:
    'REGISTER requests that were refused before anybody was asked, by what there was too much of (phone, source, load)',
  unit: '{request}',
  zeros: each('cause', 'phone', 'source', 'load'),
});

/** By attribute `outcome`. */
export const textMessages = counter({
  meter,
  name: 'tandem.edge.text_messages',
  description: 'MESSAGE requests out of a dialog, by what became of them',
  unit: '{message}',
});

export const keepalives = counter({
  meter,
  name: 'tandem.edge.keepalives',
  description:
    'OPTIONS to registered phones behind NAT, by what became of them (answered, unanswered, undelivered)',
  unit: '{request}',
  zeros: each('outcome', 'answered', 'unanswered', 'undelivered'),
});

export const eventsPublished = counter({
  meter,
  name: 'tandem.edge.events',
  description: 'Call events acknowledged by the log',
  unit: '{event}',
  zeros: [{}],
});

export const setUpTime = histogram({
  meter,
  name: 'tandem.edge.set_up.duration',
  description: 'From INVITE of the caller to INVITE of the carrier',
  unit: 's',
});

/** REG-03, by attribute `outcome`: `answered` or `failed`. */
const phoneDevices = histogram(
  {
    meter,
    name: 'tandem.edge.phone.devices',
    description: 'Devices that a call to a phone rang, by outcome (answered, failed)',
    unit: '{device}',
  },
  [1, 2, 3, 4, 6, 8, 12, 16],
);

/** Counts a call that is answered, and the devices that it rang. */
export function countAnswered(call: CallWithAttempts): void {
  callsAnswered.add(1);
  countDevices(call, 'answered');
}

/** Counts a call that has failed. @param reason behaviour §2 */
export function countFailed(call: CallWithAttempts, reason: string): void {
  callsFailed.add(1, { reason });
  countDevices(call, 'failed');
}

function countDevices(call: CallWithAttempts, outcome: 'answered' | 'failed'): void {
  const devices = devicesRung(call);
  if (devices !== undefined) phoneDevices.record(devices, { outcome });
}

/** By attribute `cause`: `message` of a call that this pod did not have, `sweep`, `offer` of a pod that drains. */
export const callsAdopted = tally({
  meter,
  name: 'tandem.edge.adoptions',
  description: 'Calls taken over from a pod that died or drains, by cause',
  unit: '{call}',
  zeros: each('cause', 'message', 'sweep', 'offer'),
});

/** A pod was paused for too long: a write found that its call is another pod's now. */
export const callsLost = tally({
  meter,
  name: 'tandem.edge.lost_calls',
  description: 'Calls that another pod had adopted while this one still had them',
  unit: '{call}',
  zeros: [{}],
});

/** By attribute `kind`: `request` or `response`. */
export const messagesHanded = tally({
  meter,
  name: 'tandem.edge.handed_messages',
  description: 'Messages given to the pod that has their call, by kind',
  unit: '{message}',
  zeros: each('kind', 'request', 'response'),
});

export const callsHanded = tally({
  meter,
  name: 'tandem.edge.handed_calls',
  description: 'Calls without a final answer that were offered to other pods while draining',
  unit: '{call}',
  zeros: [{}],
});

export const drains = tally({
  meter,
  name: 'tandem.edge.drains',
  description: 'Times that this process began to drain',
  unit: '{drain}',
  zeros: [{}],
});

export const slotsLost = tally({
  meter,
  name: 'tandem.edge.lost_slots',
  description: 'Times that the lease of the slot ran out while the process lived',
  unit: '{slot}',
  zeros: [{}],
});

/** Leases without calls (ROUTE-05). */
export const leasesFreed = tally({
  meter,
  name: 'tandem.edge.leases_freed',
  description: 'Leases of lines whose call was gone, freed by the reconciler',
  unit: '{lease}',
  zeros: [{}],
});

/** By attribute `why`: `interim`, `expired`, `duration`, `probe`, `unacknowledged`, `bye`. */
export const callsSwept = tally({
  meter,
  name: 'tandem.edge.swept_calls',
  description: 'Answered calls for which something was due, by what',
  unit: '{call}',
  zeros: each('why', 'interim', 'expired', 'duration', 'money', 'probe', 'unacknowledged', 'bye'),
});

/** By attribute `type`: `answered` or `ended`. */
export const eventsUnstored = tally({
  meter,
  name: 'tandem.edge.unstored_events',
  description: 'Events that went to the log without the store, which was away or had lost the call',
  unit: '{event}',
  zeros: each('type', 'answered', 'ended'),
});

/** Each is a call that is not billed. */
export const eventsLost = counter({
  meter,
  name: 'tandem.edge.lost_events',
  description: 'Events that neither the store nor the log took for too long',
  unit: '{event}',
  zeros: [{}],
});

/** Counts refusals of new calls, those by share apart. */
function refusals(): Counter & { readonly byLoad: number; readonly byShare: number } {
  const all = tally({
    meter,
    name: 'tandem.edge.refused',
    description: 'INVITEs refused by overload, by cause',
    unit: '{call}',
    zeros: each('cause', 'loop-delay', 'queue-delay', 'set-up-delay', 'share', 'most-rate'),
  });
  let byShare = 0;
  return {
    get byLoad() {
      return all.total - byShare;
    },
    get byShare() {
      return byShare;
    },
    add: (value, attributes) => {
      all.add(value, attributes);
      if (attributes?.['cause'] === 'share') byShare += value;
    },
  };
}

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
