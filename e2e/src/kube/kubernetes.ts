import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, type ProgramOptions } from './run-program.ts';

/** The fields of a pod that are looked at. */
interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** A pod that is there. */
export interface Pod {
  readonly name: string;
  readonly node: string;
  readonly isReady: boolean;
}

/** Selects pods by the label that says which part of the switch they are. */
function selectorOf(component: string): string {
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
      .map(({ metadata, spec, status }) => ({
        name: metadata.name,
        node: spec.nodeName ?? '',
        isReady: (status.conditions ?? []).some(
          ({ type, status: is }) => type === 'Ready' && is === 'True',
        ),
      }));
  }

  /** Kills a pod: nothing is drained, nobody is told. */
  async kill(pod: string): Promise<void> {
    await this.kubectl(['delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false']);
  }

  /** Waits until all that is deployed here is as it is wanted, on every node that is up. */
  async settled(timeoutMs = 180_000): Promise<void> {
    const names = await this.kubectl([
      ...['get', 'deployments,statefulsets,daemonsets', '--output', 'name'],
    ]);
    const seconds = `${String(Math.ceil(timeoutMs / 1000))}s`;
    await Promise.all(
      names
        .split('\n')
        .filter((name) => name !== '')
        .map((name) =>
          this.kubectl(['rollout', 'status', name, `--timeout=${seconds}`], { timeoutMs }),
        ),
    );
    // Endpoints follow readiness by a moment.
    await sleep(1000);
  }
}
