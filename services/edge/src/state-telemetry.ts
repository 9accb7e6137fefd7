import { gauge } from '@tandem/telemetry';
import type { MetricSettings } from '@tandem/telemetry';

const meter = 'tandem.edge';

/** What the gauges are read from. */
export interface StateReport {
  now(): {
    readonly pendingCalls: number;
    readonly isDraining: boolean;
    readonly overload?:
      | {
          readonly state: {
            readonly isShedding: boolean;
            readonly perSecond: number;
            readonly strangersPerSecond: number;
            readonly sample: {
              readonly loopDelayMs: number;
              readonly queueDelayMs: number;
              readonly setUpDelayMs: number;
            };
          };
        }
      | undefined;
    readonly pods: readonly { readonly role: string; readonly isDraining: boolean }[];
  };
  network(): readonly {
    readonly transport: string;
    readonly target: string;
    readonly source: string;
    readonly leadsHere: string;
  }[];
  /** What all pods share; undefined while the store is away. Never rejects. */
  stored(): Promise<
    { readonly calls: number; readonly outbox: number; readonly oldestSeconds: number } | undefined
  >;
}

/** Declares the gauges of an edge. Returns what ends them. */
export function reportState(state: StateReport): () => void {
  const ends = [...reportOwnState(state), ...reportLoad(state), ...reportSharedState(state)];
  return () => {
    for (const end of ends) end();
  };
}

function reportOwnState(state: StateReport): (() => void)[] {
  return [
    gauge(
      {
        meter,
        name: 'tandem.edge.pending_calls',
        description: 'Calls of this pod that have no final answer yet',
        unit: '{call}',
      },
      (observe) => {
        observe(state.now().pendingCalls);
      },
    ),
    gauge(
      { meter, name: 'tandem.edge.draining', description: '1 while it drains', unit: '{drain}' },
      (observe) => {
        observe(state.now().isDraining ? 1 : 0);
      },
    ),
    gauge(
      {
        meter,
        name: 'tandem.edge.network',
        description: '1 for each advertised address, with what its test found (CALL-07)',
        unit: '{address}',
      },
      (observe) => {
        for (const { transport, target, source, leadsHere } of state.network()) {
          observe(1, { transport, target, source, leads_here: leadsHere });
        }
      },
    ),
  ];
}

/** What decides whether new calls are begun (CALL-11). */
function reportLoad(state: StateReport): (() => void)[] {
  return [
    gauge(
      { meter, name: 'tandem.edge.shedding', description: '1 under overload', unit: '{pod}' },
      (observe) => {
        observe(state.now().overload?.state.isShedding === true ? 1 : 0);
      },
    ),
    gauge(
      {
        meter,
        name: 'tandem.edge.admitted_rate',
        description: 'New calls a second that are begun at most; no value where all are',
        unit: '{call}/s',
      },
      (observe) => {
        const { perSecond = Infinity } = state.now().overload?.state ?? {};
        if (perSecond !== Infinity) observe(perSecond);
      },
    ),
    gauge(
      {
        meter,
        name: 'tandem.edge.strangers_rate',
        description:
          'New calls a second of strangers that are begun at most; no value where all are',
        unit: '{call}/s',
      },
      (observe) => {
        const { strangersPerSecond = Infinity } = state.now().overload?.state ?? {};
        if (strangersPerSecond !== Infinity) observe(strangersPerSecond);
      },
    ),
    gauge(
      {
        meter,
        name: 'tandem.edge.delay',
        description: 'How late the event loop, a datagram, or the oldest undecided call is',
        unit: 's',
      },
      (observe) => {
        const sample = state.now().overload?.state.sample;
        if (sample === undefined) return;
        observe(sample.loopDelayMs / 1000, { of: 'loop' });
        observe(sample.queueDelayMs / 1000, { of: 'queue' });
        observe(sample.setUpDelayMs / 1000, { of: 'set-up' });
      },
    ),
  ];
}

/** Every pod reports the same of these. */
function reportSharedState(state: StateReport): (() => void)[] {
  return [
    gauge(
      {
        meter,
        name: 'tandem.edge.pods',
        description: 'Pods and fronts that live, by role and whether they drain',
        unit: '{pod}',
      },
      (observe) => {
        const counts = new Map<string, { role: string; draining: boolean; count: number }>();
        for (const { role, isDraining } of state.now().pods) {
          const key = `${role} ${String(isDraining)}`;
          const count = (counts.get(key)?.count ?? 0) + 1;
          counts.set(key, { role, draining: isDraining, count });
        }
        for (const { role, draining, count } of counts.values()) observe(count, { role, draining });
      },
    ),
    sharedGauge(state, 'calls', {
      meter,
      name: 'tandem.edge.calls_in_progress',
      description: 'Calls in progress on all pods',
      unit: '{call}',
    }),
    sharedGauge(state, 'outbox', {
      meter,
      name: 'tandem.edge.outbox.length',
      description: 'Events of all pods that are not known to be in the log',
      unit: '{event}',
    }),
    sharedGauge(state, 'oldestSeconds', {
      meter,
      name: 'tandem.edge.outbox.age',
      description: 'How long the oldest event has waited in the outbox',
      unit: 's',
    }),
  ];
}

function sharedGauge(
  state: StateReport,
  key: 'calls' | 'outbox' | 'oldestSeconds',
  settings: MetricSettings,
): () => void {
  return gauge(settings, async (observe) => {
    const stored = await state.stored();
    if (stored !== undefined) observe(stored[key]);
  });
}
