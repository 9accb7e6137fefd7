import type { IncomingCall } from '@tandem/testing';
import { phoneOf } from './call-samples.ts';
import type { PodsBench } from './pods-bench.ts';
import type { PodsBenchOptions } from './pods-bench.ts';

/** Devices of a phone, where the bench has its carriers. */
const flows = ['10.0.1.1:5070', '10.0.1.2:5070', '10.0.1.3:5070'];

/** What a bench needs whose called number is a phone with three devices (REG-03). @param ranks of the devices */
export function devicesOf(
  ranks: readonly number[] = [0, 0, 0],
  settings: Parameters<typeof phoneOf>[1] = {},
) {
  const devices = flows.map((flow, at) => ({ flows: [flow], rank: ranks[at] ?? 0 }));
  return {
    carriers: [{}, {}, {}],
    candidates: [phoneOf(devices, settings)],
  } satisfies PodsBenchOptions;
}

/** A call that some devices have got. */
export async function calledDevices(bench: PodsBench): Promise<readonly IncomingCall[]> {
  return [await bench.incoming(0), await bench.incoming(1), await bench.incoming(2)];
}
