import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { isRolledOut } from './rolled-out.ts';
import { runProgram, type ProgramOptions } from './run-program.ts';

/** The fields of a pod that are looked at. */
interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly { readonly containerID?: string }[];
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** A pod that is there. */
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** ID of its one container, without the runtime's name; empty where there is none yet. */
  readonly container: string;
  readonly isReady: boolean;
}

/** Pods of a Deployment; what is left out is 0. */
interface DeploymentStatus {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
}

/** What a pod has used of the CPU since it began. */
export interface CpuUse {
  /** When its node looked. */
  readonly atMs: number;
  readonly cpuMs: number;
}

/** The fields of a kubelet's summary that are looked at. */
interface StatsSummary {
  readonly pods: readonly {
    readonly podRef: { readonly uid: string };
    readonly cpu?: { readonly time?: string; readonly usageCoreNanoSeconds?: number };
  }[];
}

/** Selects pods by the label that says which part of the switch they are. */
export function selectorOf(component: string): string {
  return `app.kubernetes.io/component=${component}`;
}

/** One namespace of a cluster, by kubectl. */
export class Kubernetes {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  kubectl(args: readonly string[], options?: ProgramOptions): Promise<string> {
    return runProgram('kubectl', ['--namespace', this.namespace, ...args], options);
  }

  helm(args: readonly string[], options?: ProgramOptions): Promise<string> {
    return runProgram('helm', ['--namespace', this.namespace, ...args], options);
  }

  /** Objects of a kind, as kubectl gives them. */
  async list(kind: string, args: readonly string[] = []): Promise<readonly unknown[]> {
    const text = await this.kubectl(['get', kind, '--output', 'json', ...args]);
    return (JSON.parse(text) as { items: unknown[] }).items;
  }

  /** Pods of a part of the switch (`edge`, `front`, `auth` …) that nobody has deleted. */
  async pods(component: string): Promise<readonly Pod[]> {
    const objects = await this.list('pods', ['--selector', selectorOf(component)]);
    return (objects as readonly PodObject[])
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(podOf);
  }

  /** A pod by its UID. @throws Error where there is none */
  async podOf(uid: string): Promise<Pod> {
    const objects = (await this.list('pods')) as readonly PodObject[];
    const found = objects.find(({ metadata }) => metadata.uid === uid);
    if (found === undefined) throw new Error(`no pod ${uid}`);
    return podOf(found);
  }

  /** Takes a pod away by force: Kubernetes forgets it at once, and its process has a second to end. */
  async deleteByForce(pod: string): Promise<void> {
    await this.kubectl(['delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false']);
  }

  /** All Deployments, as kubectl takes them: `deployment.apps/NAME`. */
  async deployments(): Promise<readonly string[]> {
    const names = await this.kubectl(['get', 'deployments', '--output', 'name']);
    return names.split('\n').filter((name) => name !== '');
  }

  /** How far a Deployment is. */
  async statusOf(deployment: string): Promise<DeploymentStatus> {
    const text = await this.kubectl(['get', deployment, '--output', 'json']);
    return (JSON.parse(text) as { status: DeploymentStatus }).status;
  }

  /** What the pods of a node have used so far, by their UIDs, as its kubelet says. */
  async cpuOf(node: string): Promise<ReadonlyMap<string, CpuUse>> {
    const path = `/api/v1/nodes/${node}/proxy/stats/summary?only_cpu_and_memory=true`;
    const { pods } = JSON.parse(await this.kubectl(['get', '--raw', path])) as StatsSummary;
    return new Map(
      pods.map(({ podRef, cpu }) => {
        const { time = '', usageCoreNanoSeconds = 0 } = cpu ?? {};
        return [podRef.uid, { atMs: Date.parse(time), cpuMs: usageCoreNanoSeconds / 1e6 }] as const;
      }),
    );
  }

  /** Waits until all that is deployed here is as it is wanted, on every node that is up. */
  async settled(timeoutMs = 180_000): Promise<void> {
    // What has just happened is noticed first. One program a second asks: many at a time take the processors from what is measured.
    await sleep(1000);
    const kinds = 'deployments,statefulsets,daemonsets';
    const isSettled = async (): Promise<boolean> => (await this.list(kinds)).every(isRolledOut);
    await until(`all of ${this.namespace} is rolled out`, isSettled, { timeoutMs, everyMs: 1000 });
    // Endpoints follow readiness by a moment.
    await sleep(1000);
  }
}

function podOf({ metadata, spec, status }: PodObject): Pod {
  const { conditions = [], containerStatuses = [] } = status;
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    container: (containerStatuses[0]?.containerID ?? '').replace(/^.*:\/\//, ''),
    isReady: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  };
}
