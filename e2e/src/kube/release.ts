import { join } from 'node:path';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { configuration, demo, type ConfigurationDocument } from '../configuration.ts';
import { SwitchApi } from '../switch-api.ts';
import { untilRouted } from '../running-switch.ts';
import { until } from '../until.ts';
import { Kubernetes, selectorOf, type Pod } from './kubernetes.ts';
import { outside } from './outside.ts';
import { runProgram } from './run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CLUSTER = join(ROOT, 'deploy/cluster');
const CHART = join(ROOT, 'charts/tandem');
const NAME = 'tandem';
/** Nodes that may be the switch's public address; the first node has the control plane and the stores. */
const FRONT_NODES = ['node2', 'node3'] as const;
const FRONT_LABEL = 'tandem.example/front=true';
const INSTALL_MS = 300_000;
/** Money for some hundred thousand calls. */
const OPENING_BALANCE = '1000000';

/** Tags of the switch's image (deploy/cluster/trials): this version and the one before it. */
export type ImageTag = 'trial' | 'before';

/** What is set of `autoscaling` of the edges. */
interface AutoscalingValues {
  readonly enabled: boolean;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly cpuPercent?: number;
  readonly scaleDownSeconds?: number;
}

/** The chart, installed on the cluster with fronts on the host's network, and what a trial does to it. */
export class Release {
  readonly shape: ClusterLayout;
  readonly kubernetes = new Kubernetes(NAME);
  readonly stores = new Kubernetes('stores');
  readonly sip = outside.sip;
  readonly api: SwitchApi;

  private constructor(shape: ClusterLayout, api: SwitchApi) {
    this.shape = shape;
    this.api = api;
  }

  /** Starts stores and the moving address, installs the chart, and waits until calls are routed. */
  static async install(shape: ClusterLayout, image: ImageTag): Promise<Release> {
    const kubernetes = new Kubernetes(NAME);
    for (const node of FRONT_NODES) {
      await kubernetes.kubectl(['label', 'node', node, FRONT_LABEL, '--overwrite']);
    }
    for (const file of ['stores.yaml', 'address.yaml']) {
      await runProgram('kubectl', ['apply', '--filename', join(CLUSTER, file)]);
    }
    await new Kubernetes('stores').settled();
    await kubernetes.helm(
      [
        ...['install', NAME, CHART, '--create-namespace', '--wait', '--timeout', '5m'],
        ...['--values', join(CLUSTER, 'values.yaml'), '--set', `shape=${shape},image.tag=${image}`],
        ...['--values', '-'],
      ],
      {
        timeoutMs: INSTALL_MS,
        input: JSON.stringify({
          configuration: { document: JSON.stringify(trialConfiguration()) },
        }),
      },
    );
    const release = new Release(shape, await apiOf(kubernetes));
    await untilRouted(release.api, 1, trialConfiguration());
    return release;
  }

  /** Applies a configuration and waits until calls go by it. */
  async configure(document: ConfigurationDocument): Promise<void> {
    const version = await until('the API takes a configuration', () => this.api.apply(document), {
      timeoutMs: 60_000,
      everyMs: 1000,
    });
    await untilRouted(this.api, version, document);
  }

  /** Pods of a part of the switch that are ready; `edge` are those with calls, in either shape, `front` the one or two fronts of each node. */
  async pods(component: string): Promise<readonly Pod[]> {
    const parts = component === 'front' ? ['front-0', 'front-1'] : [this.#componentOf(component)];
    const pods = await Promise.all(parts.map((part) => this.kubernetes.pods(part)));
    return pods.flat().filter(({ isReady }) => isReady);
  }

  async scaleEdges(replicas: number): Promise<void> {
    const selector = selectorOf(this.#componentOf('edge'));
    await this.kubernetes.kubectl([
      ...['scale', 'deployment', '--selector', selector, `--replicas=${String(replicas)}`],
    ]);
  }

  /** How many edges the Deployment is to have. */
  async wantedEdges(): Promise<number> {
    const replicas = await this.kubernetes.kubectl([
      ...['get', 'deployment', '--selector', selectorOf(this.#componentOf('edge'))],
      ...['--output', 'jsonpath={.items[0].spec.replicas}'],
    ]);
    return Number(replicas);
  }

  /** Has the number of edges follow their CPU, or no longer. */
  async autoscaleEdges(values: AutoscalingValues): Promise<void> {
    const prefix = `processes.${this.#componentOf('edge')}.autoscaling`;
    await this.#upgrade(
      Object.entries(values).map(([name, value]) => `${prefix}.${name}=${String(value)}`),
    );
  }

  /**
   * Puts one pod of this version beside those of the version before, of each Deployment. Resolves when all of them are ready.
   * @returns what takes them away again
   */
  async putVersionsBeside(): Promise<() => Promise<void>> {
    const names = await this.kubernetes.deployments();
    const images = await Promise.all(names.map((name) => this.#putBeside(name)));
    for (const name of names) {
      await until(`all pods of ${name} are ready`, () => this.#isReady(name), {
        timeoutMs: 90_000,
        everyMs: 500,
      });
    }
    return async () => {
      await Promise.all(names.map((name, at) => this.#takeBack(name, images[at] ?? '')));
      await this.settled();
    };
  }

  /** To this version, and meanwhile to another configuration. */
  async upgrade(): Promise<void> {
    const upgraded = this.#upgrade(['image.tag=trial']);
    const document = trialConfiguration();
    document.phones.push({ username: '1002', password: demo.password, account: demo.account });
    await Promise.all([upgraded, this.configure(document)]);
    await this.settled();
  }

  /** Waits until every pod of the switch is there and ready. */
  settled(): Promise<void> {
    return this.kubernetes.settled();
  }

  /** The node that has the public address. */
  async activeNode(): Promise<string> {
    for (const node of FRONT_NODES) {
      const addresses = await runProgram(join(CLUSTER, 'in'), [
        node,
        'ip',
        '-4',
        'address',
        'show',
        'eth0',
      ]);
      if (addresses.includes(`${outside.sip.address}/`)) return node;
    }
    throw new Error(`no node has ${outside.sip.address}`);
  }

  /** A node with edges that has not the public address. */
  async otherNode(): Promise<string> {
    const active = await this.activeNode();
    return FRONT_NODES.find((node) => node !== active) ?? FRONT_NODES[0];
  }

  async isNodeReady(node: string): Promise<boolean> {
    const path = '{.status.conditions[?(@.type=="Ready")].status}';
    const status = await this.kubernetes.kubectl([
      ...['get', 'node', node, '--output', `jsonpath=${path}`],
    ]);
    return status === 'True';
  }

  /** Removes the release. @returns the objects that it left behind */
  async uninstall(): Promise<readonly string[]> {
    await this.kubernetes.helm(['uninstall', NAME, '--wait', '--timeout', '2m'], {
      timeoutMs: INSTALL_MS,
    });
    // Pods end by themselves; whatever is there after their time stays.
    await until('no pod is left', async () => (await this.kubernetes.list('pods')).length === 0, {
      timeoutMs: 60_000,
      everyMs: 1000,
    }).catch(() => undefined);
    const kinds = await this.kubernetes.kubectl([
      ...['api-resources', '--verbs=list', '--namespaced', '--output=name'],
    ]);
    // What Kubernetes itself has in every namespace, what it counts, and what is being ended.
    const isOther = /^(events|endpoints|leases|.*\.metrics\.k8s\.io)/;
    const own = kinds.split('\n').filter((kind) => kind !== '' && !isOther.test(kind));
    const left = await this.kubernetes.kubectl([
      ...['get', own.join(','), '--ignore-not-found', '--output=name'],
    ]);
    const isBuiltIn = /^(configmap\/kube-root-ca\.crt|serviceaccount\/default)$/;
    return left.split('\n').filter((name) => name !== '' && !isBuiltIn.test(name));
  }

  /** Removes all that `install` made, data too. */
  async remove(): Promise<void> {
    await this.kubernetes.kubectl(['delete', 'namespace', NAME, 'stores', 'network', '--wait'], {
      timeoutMs: INSTALL_MS,
    });
  }

  async #upgrade(set: readonly string[]): Promise<void> {
    await this.kubernetes.helm(
      [
        ...['upgrade', NAME, CHART, '--reuse-values', '--wait', '--timeout', '5m'],
        ...['--set', set.join(',')],
      ],
      { timeoutMs: INSTALL_MS },
    );
  }

  /** Begins to roll a Deployment to this version, and stops it once it has a pod of it. @returns the image that it had */
  async #putBeside(deployment: string): Promise<string> {
    const image = await this.kubernetes.kubectl([
      ...['get', deployment, '--output', 'jsonpath={.spec.template.spec.containers[0].image}'],
    ]);
    await this.#setImage(deployment, image.replace(/:[^:]*$/, ':trial'));
    await until(`${deployment} has a pod of each version`, async () => {
      const { replicas = 0, updatedReplicas = 0 } = await this.kubernetes.statusOf(deployment);
      return updatedReplicas >= 1 && replicas > updatedReplicas;
    });
    await this.kubernetes.kubectl(['rollout', 'pause', deployment]);
    return image;
  }

  async #takeBack(deployment: string, image: string): Promise<void> {
    await this.#setImage(deployment, image);
    await this.kubernetes.kubectl(['rollout', 'resume', deployment]);
  }

  async #setImage(deployment: string, image: string): Promise<void> {
    await this.kubernetes.kubectl(['set', 'image', deployment, `*=${image}`]);
  }

  async #isReady(deployment: string): Promise<boolean> {
    const { replicas, readyReplicas } = await this.kubernetes.statusOf(deployment);
    return replicas === readyReplicas;
  }

  #componentOf(component: string): string {
    return component === 'edge' && this.shape === 'pod' ? 'pod' : component;
  }
}

/** Account, phone, trunk and carriers as they are outside the cluster. */
function trialConfiguration(): ConfigurationDocument {
  const document = configuration(...outside.carrierPorts);
  for (const account of document.accounts) account['openingBalance'] = OPENING_BALANCE;
  document.routingGateways.forEach((gateway, index) => {
    gateway['addresses'] = [`${outside.peer}:${String(outside.carrierPorts[index])}`];
    // So that lines are counted, and never reached.
    gateway['lineLimit'] = 5000;
  });
  for (const gateway of document.mappingGateways) {
    gateway['authentication'] = { mode: 'ip', addresses: [`${outside.trunk}/32`] };
  }
  return document;
}

/** The REST API, by the port that each node has for it. */
async function apiOf(kubernetes: Kubernetes): Promise<SwitchApi> {
  const port = await kubernetes.kubectl([
    ...['get', 'service', '--selector', 'app.kubernetes.io/component=api'],
    ...['--output', 'jsonpath={.items[0].spec.ports[0].nodePort}'],
  ]);
  const token = await kubernetes.kubectl([
    ...['get', 'secret', `${NAME}-keys`, '--output', 'jsonpath={.data.api-token}'],
  ]);
  const text = Buffer.from(token, 'base64').toString('utf8').trim();
  return new SwitchApi(`http://${outside.firstNode}:${port}`, text);
}
