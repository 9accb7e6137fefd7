import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { until } from '../until.ts';
import { edgesFollowLoad, scaleThereAndBack } from './scaling.ts';
import type { Pod } from './kubernetes.ts';
import { nodeNumber, nodes } from './nodes.ts';
import type { Release } from './release.ts';

/** Something that befalls a switch under load. */
export interface TrialEvent {
  readonly name: string;
  /** What a plain Service shows a peer for the same, gap in ms. */
  readonly plainGapMs?: number;
  /** New calls may be refused meanwhile (docs/stores.md). @default false */
  readonly mayRefuse?: boolean;
  /** It befalls what both shapes have in common: where both are tried, once is enough. @default false */
  readonly isOfBoth?: boolean;
  /** Resolves when it is over and the switch is whole again. */
  run(release: Release, pace: Pace): Promise<void>;
}

/** How fast calls are placed meanwhile; the event may change it. */
export interface Pace {
  perSecond: number;
}

/** Whether a peer's first and last words are heard as before. */
const BETWEEN_MS = 2000;
/** How long a node stays away. */
const AWAY_MS = 16_000;
/** How long two versions serve one switch. */
const BESIDE_MS = 10_000;

/** As README.md of deploy/cluster measured a UDP Service with kube-proxy. */
const plain = { killed: 800, rolled: 1000, powerCut: 13_600 } as const;

/** The first of them: they begin with the version before. */
const upgrades: readonly TrialEvent[] = [
  { name: 'two versions side by side, and back', plainGapMs: plain.rolled, run: besideAndBack },
  {
    name: 'rolling upgrade: other version and configuration',
    plainGapMs: plain.rolled,
    run: (release) => release.upgrade(),
  },
];

/** Whether it begins with the version before. */
export function isUpgrade(event: TrialEvent | undefined): boolean {
  return event !== undefined && upgrades.includes(event);
}

/** Everything that is tried, in this order. */
export function eventsOf(shape: ClusterLayout): readonly TrialEvent[] {
  return [
    ...upgrades,
    { name: 'nothing', run: () => sleep(10_000) },
    { name: 'edges 2 to 8 and back', run: scaleThereAndBack },
    { name: 'edges follow their load and come back', run: edgesFollowLoad },
    ...killsOf(shape),
    { name: 'a node is drained', plainGapMs: plain.rolled, run: drain },
    { name: "a node's power is cut", plainGapMs: plain.powerCut, run: cutPower },
    { name: "the active front's node: power is cut", plainGapMs: plain.powerCut, run: cutFront },
    { name: 'etcd restarts', isOfBoth: true, run: () => restart('etcd') },
    {
      name: 'kube-proxy restarts on all nodes',
      isOfBoth: true,
      run: () => restart('kube-proxy'),
    },
    ...(['redis', 'kafka', 'postgres'] as const).map((store) => ({
      name: `${store}'s pod is deleted`,
      mayRefuse: store === 'redis',
      isOfBoth: store !== 'redis',
      run: ({ stores }: Release): Promise<void> =>
        stores.kubectl(['delete', 'pod', `${store}-0`]).then(() => stores.settled()),
    })),
    { name: 'redis comes back empty', mayRefuse: true, run: emptyRedis },
  ];
}

function killsOf(shape: ClusterLayout): readonly TrialEvent[] {
  const groups = [
    ['edge'],
    ...(shape === 'pod' ? [] : [['auth', 'registrar', 'routing']]),
    ['api', 'billing', 'journal'],
  ];
  const each = (name: string, run: TrialEvent['run']): TrialEvent => {
    return { name, plainGapMs: plain.killed, run };
  };
  return [
    // One after the other, each when all are there again.
    ...groups.map((kinds) =>
      each(`pod deleted by force: ${kinds.join(', ')}`, async (release) => {
        for (const kind of kinds) {
          await release.kubernetes.deleteByForce((await onePod(release, kind)).name);
          await release.settled();
        }
      }),
    ),
    each('pod deleted by force: front', (release) =>
      onFronts(release, ({ name }) => release.kubernetes.deleteByForce(name)),
    ),
    each('process killed: edge', async (release) => {
      await crash(release, await onePod(release, 'edge'));
    }),
    each('process killed: front', (release) => onFronts(release, (pod) => crash(release, pod))),
  ];
}

async function onePod(release: Release, component: string): Promise<Pod> {
  const [pod] = await release.pods(component);
  if (pod === undefined) throw new Error(`the switch has no pod of ${component}`);
  return pod;
}

/** One of a node's two fronts has the peer's flow: it happens to each. */
async function onFronts(release: Release, happen: (pod: Pod) => Promise<void>): Promise<void> {
  const active = await release.activeNode();
  const fronts = await release.pods('front');
  for (const pod of fronts.filter(({ node }) => node === active)) {
    await happen(pod);
    await release.settled();
  }
}

/** Resolves when the pod, whose process is started anew, is ready again. */
async function crash({ kubernetes }: Release, { uid, node, container }: Pod): Promise<void> {
  await nodes.crash(nodeNumber(node), container);
  const isBack = async (): Promise<boolean> => {
    const pod = await kubernetes.podOf(uid);
    return pod.isReady && pod.container !== container;
  };
  await until('the pod whose process was killed is ready', isBack, {
    timeoutMs: 60_000,
    everyMs: 500,
  });
  await sleep(BETWEEN_MS);
}

async function besideAndBack(release: Release): Promise<void> {
  const goBack = await release.putVersionsBeside();
  await sleep(BESIDE_MS);
  await goBack();
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

/** Its pod and all that it kept go at once, as where its disk is lost. */
async function emptyRedis({ stores }: Release): Promise<void> {
  await stores.kubectl(['exec', 'redis-0', '--', 'rm', '-r', '/data/appendonlydir']);
  await stores.kubectl(['delete', 'pod', 'redis-0']);
  await stores.settled();
}

async function restart(component: string): Promise<void> {
  const every = component === 'etcd' ? [1] : [1, 2, 3];
  await Promise.all(every.map((node) => nodes.kill(node, component)));
  await sleep(5000);
}
