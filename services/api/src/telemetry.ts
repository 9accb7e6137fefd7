import { counter, each, gauge } from '@tandem/telemetry';

// Names of metrics of this service; docs/telemetry.md lists them too.
const meter = 'tandem.api';

/** OPS-08: what became of replays. */
export const replaysEnded = counter({
  meter,
  name: 'tandem.api.replays',
  description:
    'Replays by outcome: done, failed, removed while one was worked on, or taken over from a pod that is gone',
  unit: '{replay}',
  zeros: each('outcome', 'done', 'failed', 'removed', 'taken-over'),
});

/** Reports what this pod works on. Returns what ends it. */
export function reportReplays(running: () => number): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.api.replays.running',
      description: 'Replays that this pod works on',
      unit: '{replay}',
    },
    (observe) => {
      observe(running());
    },
  );
}

/** Notifications of alarms, by `outcome`: sent, failed (it is tried again), given-up. */
export const notifications = counter({
  meter,
  name: 'tandem.api.alarm_notifications',
  description: 'Attempts to tell a channel of alarms, by outcome (sent, failed, given-up)',
  unit: '{attempt}',
  zeros: each('outcome', 'sent', 'failed', 'given-up'),
});

/** Reports the alarms that are raised, where this pod evaluates them. @returns what ends the report */
export function reportAlarms(
  counts: () => Readonly<Record<string, number>> | undefined,
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.api.alarms',
      description: 'Alarms that are raised, by severity (page, ticket); told by the pod that evaluates', // prettier-ignore
      unit: '{alarm}',
    },
    (observe) => {
      for (const [severity, raised] of Object.entries(counts() ?? {}))
        observe(raised, { severity });
    },
  );
}
