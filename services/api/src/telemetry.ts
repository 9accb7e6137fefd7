import { counter, each, gauge } from '@tandem/telemetry';

const METER = 'tandem.api';

/** Notifications of alarms, by `outcome`: sent, failed (it is tried again), given-up. */
export const notifications = counter({
  meter: METER,
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
      meter: METER,
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
