import { counter, each, gauge } from '@tandem/telemetry';

/** Metrics of anchored media; described in docs/telemetry.md. */
const meter = 'tandem.edge';

/** By attribute `result`: `anchored`, or `no-relay`. */
export const mediaAttempts = counter({
  meter,
  name: 'tandem.edge.media.attempts',
  description: 'Attempts whose media was to go through a relay, by whether one answered',
  unit: '{attempt}',
  zeros: each('result', 'anchored', 'no-relay'),
});

/** By attributes `command` and `result`: `ok`, `refused` or `silent`. */
export const mediaCommands = counter({
  meter,
  name: 'tandem.edge.media.commands',
  description: 'Commands to media relays, pings aside, by command and result',
  unit: '{command}',
  zeros: ['offer', 'answer', 'delete'].flatMap((command) =>
    ['ok', 'refused', 'silent'].map((result) => ({ command, result })),
  ),
});

/** Calls that a relay still had though they had ended, and was told to forget. */
export const mediaSwept = counter({
  meter,
  name: 'tandem.edge.media.swept',
  description: 'Calls that had ended, found at a media relay and deleted there',
  unit: '{call}',
});

/** Declares the gauge of the media relays. Returns what ends it. */
export function reportRelays(
  relays: () => readonly { readonly name: string; readonly isDown: boolean }[],
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.edge.media.relays',
      description: '1 for each media relay that answers, 0 for one that does not',
      unit: '{relay}',
    },
    (observe) => {
      for (const { name, isDown } of relays()) observe(isDown ? 0 : 1, { relay: name });
    },
  );
}
