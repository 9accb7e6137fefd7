import assert from 'node:assert/strict';
import { EdgeBench } from './edge-bench.ts';
import type { EdgeBenchOptions } from './edge-bench.ts';
import { RELAYS, SimulatedRelays, anchoredPlan } from './simulated-relays.ts';

/** A bench whose carrier has its media anchored, and its relays. */
export function anchoring(options: EdgeBenchOptions = {}): {
  bench: EdgeBench;
  relays: SimulatedRelays;
} {
  let relays: SimulatedRelays | undefined;
  const bench = new EdgeBench({
    carriers: [{ media: anchoredPlan() }],
    ...options,
    relays: (clock) => (relays = new SimulatedRelays(clock)),
  });
  assert.ok(relays !== undefined);
  return { bench, relays };
}

/** Names of the calls at all relays. */
export function callsAt(relays: SimulatedRelays): string[] {
  return RELAYS.flatMap((host) => relays.calls(host));
}
