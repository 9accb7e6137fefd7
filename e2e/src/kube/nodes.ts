import { join } from 'node:path';
import { runProgram } from './run-program.ts';

const POWER = join(import.meta.dirname, '../../../deploy/cluster/power');

/** The machines that the cluster of deploy/cluster runs on, by number. */
export const nodes = {
  /** As if its plug was pulled: nothing on it runs on, its network is silent. */
  cutPower: (node: number): Promise<string> => runProgram(POWER, ['off', String(node)]),
  /** Boots it again. */
  powerOn: (node: number): Promise<string> => runProgram(POWER, ['on', String(node)]),
  /** Kills a part of Kubernetes on it (`etcd`, `kube-proxy`), which is started again after a second. */
  kill: (node: number, component: string): Promise<string> =>
    runProgram(POWER, ['kill', String(node), component]),
  /** Kills the process of a container at once, as a fault of its own would: SIGKILL, and nobody is told. */
  crash: (node: number, container: string): Promise<string> =>
    runProgram(POWER, ['crash', String(node), container]),
} as const;

/** Number of a node by its name, `node2`. */
export function nodeNumber(name: string): number {
  return Number(name.replace('node', ''));
}
