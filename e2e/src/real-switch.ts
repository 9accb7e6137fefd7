import { startTestCluster } from './cluster/test-cluster.ts';
import type { RunningSwitch, SwitchOptions } from './running-switch.ts';
import { optionVariables } from './running-switch.ts';

/** Starts the services as processes on the real stores: a cluster of one edge that owns the address itself. */
export function startReal(options: SwitchOptions = {}): Promise<RunningSwitch> {
  return startTestCluster({
    layout: options.layout ?? 'split',
    pods: 1,
    mode: 'direct',
    dataDir: options.dataDir,
    env: optionVariables(options),
    nodeArgs: options.nodeArgs,
    isRespawning: false,
  });
}
