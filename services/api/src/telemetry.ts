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
