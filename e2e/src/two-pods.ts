import { startAllinone } from './allinone-switch.ts';
import type { ClusterLayout } from './cluster/cluster-plan.ts';
import { startTestCluster } from './cluster/test-cluster.ts';
import type { RunningSwitch, Way } from './running-switch.ts';

/** A switch of which a pod may die, where there are others. */
export interface TwoPods {
  readonly running: RunningSwitch;
  /** Kills the pod of this name, which comes back; undefined where there is one process. */
  readonly kill: ((edge: string) => void) | undefined;
}

/** Starts a switch in one of the ways: one process, or a cluster of two pods in this shape. */
export async function startTwoPods(way: Way, layout: ClusterLayout): Promise<TwoPods> {
  if (way === 'allinone') return { running: await startAllinone(), kill: undefined };
  const running = await startTestCluster({ layout, pods: 2 });
  return {
    running,
    kill: (edge) => {
      running.cluster.kill(edge);
    },
  };
}
