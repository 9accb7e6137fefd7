import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { until } from '../until.ts';
import type { Release } from './release.ts';
import { nodeNumber, nodes } from './nodes.ts';

/** Something that befalls a switch under load. */
export interface TrialEvent {
  readonly name: string;
  /** What a plain Service shows a peer for the same, gap in ms. */
  readonly plainGapMs?: number;
  /** New calls may be refused meanwhile (docs/stores.md). @default false */
  readonly mayRefuse?: boolean;
  /** Resolves when it is over and the switch is whole again. */
  run(release: Release): Promise<void>;
}

/** Whether a peer's first and last words are heard as before. */
const BETWEEN_MS = 2000;
/** How long a node stays away. */
const AWAY_MS = 20_000;
const MOST_EDGES = 8;

/** As README.md of deploy/cluster measured a UDP Service with kube-proxy. */
const plain = { killed: 800, rolled: 1000, powerCut: 13_600 } as const;

/** The first of them: it begins with the version before. */
export const upgradeEvent: TrialEvent = {
  name: 'rolling upgrade: other version and configuration',
  plainGapMs: plain.rolled,
  run: (release) => release.upgrade(),
};

/** Everything that is tried, in this order. */
export function eventsOf(shape: ClusterLayout): readonly TrialEvent[] {
  return [
    upgradeEvent,
    { name: 'nothing', run: () => sleep(10_000) },
    { name: `edges 2 to ${String(MOST_EDGES)} and back`, run: scaleThereAndBack },
    ...killsOf(shape),
    { name: 'a node is drained', plainGapMs: plain.rolled, run: drain },
    { name: "a node's power is cut", plainGapMs: plain.powerCut, run: cutPower },
    { name: "the active front's node: power is cut", plainGapMs: plain.powerCut, run: cutFront },
    { name: 'etcd restarts', run: () => restart('etcd') },
    { name: 'kube-proxy restarts on all nodes', run: () => restart('kube-proxy') },
    ...(['redis', 'kafka', 'postgres'] as const).map((store) => ({
      name: `${store}'s pod is deleted`,
      mayRefuse: store === 'redis',
      run: ({ stores }: Release): Promise<void> =>
        stores.kubectl(['delete', 'pod', `${store}-0`]).then(() => stores.settled()),
    })),
  ];
}

function killsOf(shape: ClusterLayout): readonly TrialEvent[] {
  const inner = ['api', 'billing', 'journal'];
  const kinds = shape === 'pod' ? inner : [...inner, 'auth', 'registrar', 'routing'];
  return [
    ...['edge', ...kinds].map((component) => killEvent(component, killOne)),
    // One of a node's two fronts has the peer's flow: each dies once.
    killEvent('front', async (release) => {
      const active = await release.activeNode();
      const fronts = await release.pods('front');
      for (const { name } of fronts.filter(({ node }) => node === active)) {
        await release.kubernetes.kill(name);
        await release.settled();
      }
    }),
  ];
}

function killEvent(
  component: string,
  kill: (release: Release, component: string) => Promise<void>,
): TrialEvent {
  return {
    name: `kill of a pod: ${component}`,
    plainGapMs: plain.killed,
    run: (release) => kill(release, component),
  };
}

async function killOne(release: Release, component: string): Promise<void> {
  const [pod] = await release.pods(component);
  if (pod === undefined) throw new Error(`the switch has no pod of ${component}`);
  await release.kubernetes.kill(pod.name);
  await release.settled();
}

async function scaleThereAndBack(release: Release): Promise<void> {
  const before = (await release.pods('edge')).length;
  for (const replicas of [MOST_EDGES, before]) {
    await release.scaleEdges(replicas);
    await release.settled();
    await sleep(BETWEEN_MS);
  }
}

async function drain(release: Release): Promise<void> {
  const node = await release.otherNode();
  await release.kubernetes.kubectl(
    ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'],
    { timeoutMs: 130_000 },
  );
  await sleep(BETWEEN_MS);
  await release.kubernetes.kubectl(['uncordon', node]);
  await release.settled();
}

async function cutPower(release: Release): Promise<void> {
  await away(release, await release.otherNode());
}

async function cutFront(release: Release): Promise<void> {
  await away(release, await release.activeNode());
}

async function away(release: Release, node: string): Promise<void> {
  await nodes.cutPower(nodeNumber(node));
  await sleep(AWAY_MS);
  await nodes.powerOn(nodeNumber(node));
  await until(`${node} is ready`, () => release.isNodeReady(node), {
    timeoutMs: 90_000,
    everyMs: 500,
  });
  await release.settled();
}

async function restart(component: string): Promise<void> {
  const every = component === 'etcd' ? [1] : [1, 2, 3];
  await Promise.all(every.map((node) => nodes.kill(node, component)));
  await sleep(5000);
}
