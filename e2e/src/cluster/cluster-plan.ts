import { join } from 'node:path';
import { services, serviceNames, type Service, type ServiceName } from '@tandem/config';

const REPOSITORY = join(import.meta.dirname, '../../..');
const COMPILE_CACHE = join(REPOSITORY, 'node_modules/.cache/tandem');
const LOOPBACK = '127.0.0.1';
const FRONTS = 2;

/** Where the stores are, and the names that keep this cluster's data apart from others'. */
export interface ClusterStores {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly postgresUrl: string;
  readonly kafkaBrokers: string;
  readonly kafkaTopic: string;
  readonly kafkaGroup: string;
}

/** Which services share a process: none, or those that a call's set-up asks (`services/pod`). */
export type ClusterLayout = 'split' | 'pod';

/** What a cluster is made of. */
export interface ClusterShape {
  readonly layout: ClusterLayout;
  readonly pods: number;
  /** `direct`: one edge that owns the public address itself. */
  readonly mode: 'direct' | 'random' | 'hash' | 'front';
  readonly lossPercent: number;
  /** Of the random choices of the distributor. */
  readonly seed: number;
  /** Public `address:port`. */
  readonly sip: string;
  /** Listeners besides, with their transports, such as `tls:127.0.0.1:5061`; all edges, or fronts, share them. @default none */
  readonly connections?: readonly string[] | undefined;
  readonly api: string;
  readonly dataDir: string;
  readonly secretKeyFile: string;
  readonly stores: ClusterStores;
  /** Added to the environment of every process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Arguments for node of one process, such as --cpu-prof. */
  readonly nodeArgs?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A process of the cluster, before it is started. */
export interface PlannedProcess {
  readonly name: string;
  /** Its services; none where it only brings packets to the edges. */
  readonly modules: readonly ServiceName[];
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** URL of /healthz and /readyz. */
  readonly admin: string;
  /** Where it speaks SIP itself; the public address for what is reached by that alone. */
  readonly sip?: string | undefined;
}

/** The services of a process that takes calls. */
const edgeModules = {
  split: ['edge'],
  pod: ['auth', 'registrar', 'routing', 'edge'],
} as const satisfies Record<ClusterLayout, readonly ServiceName[]>;

type Layout = Pick<ClusterShape, 'layout'>;

/** The services that are processes of their own, once each. */
function innerServices({ layout }: Layout): readonly ServiceName[] {
  return serviceNames.filter((name) => !edgeModules[layout].some((module) => module === name));
}

/** The topic of a cluster's journal, beside that of its call events. */
function journalTopicOf({ kafkaTopic }: Pick<ClusterStores, 'kafkaTopic'>): string {
  return `${kafkaTopic}.journal`;
}

/** How many ports `planCluster` needs. */
export function portsNeeded(shape: Pick<ClusterShape, 'layout' | 'pods' | 'mode'>): number {
  const gates = shape.mode === 'front' ? FRONTS : 1;
  return innerServices(shape).length * 2 + shape.pods * 4 + gates * 2;
}

/** Every process of the cluster with its environment, in the order of start: who is called stands before who calls. */
export function planCluster(shape: ClusterShape, ports: readonly number[]): PlannedProcess[] {
  const left = [...ports];
  const take = (): string => `${LOOPBACK}:${String(left.shift() ?? 0)}`;
  const inner = innerServices(shape).map((name) => ({ name, ...placeOf(take) }));
  const edges = edgeNames(shape).map((name) => ({
    name,
    ...placeOf(take),
    sip: take(),
    link: take(),
  }));
  const gates = gateNames(shape).map((name) => ({ name, link: take(), admin: take() }));
  const shared = {
    ...sharedSettings(shape),
    ...addresses(inner, edges),
    ...shape.env,
  };
  const plan = ({ name, folder, modules, settings, sip }: Planned): PlannedProcess => ({
    name,
    modules,
    cwd: join(REPOSITORY, 'services', folder),
    args: [...(shape.nodeArgs?.[name] ?? []), 'src/main.ts'],
    env: { ...shared, ...settings },
    admin: `http://${settings['TANDEM_ADMIN_LISTEN'] ?? ''}`,
    sip,
  });
  const modules = edgeModules[shape.layout];
  return [
    ...inner.map(({ name, ...place }) =>
      plan({ name, folder: name, modules: [name], settings: listens(place) }),
    ),
    ...edges.map((edge) =>
      plan({
        name: edge.name,
        folder: modules.length > 1 ? 'pod' : 'edge',
        modules,
        settings: {
          ...listens(edge),
          TANDEM_MODULES: modules.join(','),
          TANDEM_POD_NAME: edge.name,
          ...edgeSettings(shape, edge, gates),
        },
        sip: shape.mode === 'random' || shape.mode === 'hash' ? edge.sip : shape.sip,
      }),
    ),
    ...gates.map((gate) =>
      shape.mode === 'front'
        ? plan({
            name: gate.name,
            folder: 'edge',
            modules: [],
            settings: frontSettings(shape, gate),
            sip: shape.sip,
          })
        : distributor(shape, gate, edges),
    ),
  ];
}

interface Planned {
  readonly name: string;
  /** Below `services`. */
  readonly folder: string;
  readonly modules: readonly ServiceName[];
  readonly settings: Readonly<Record<string, string>>;
  readonly sip?: string;
}

interface Place {
  readonly grpc: string;
  readonly admin: string;
}

/** Where each service is asked: at its own process, or at each of those that take calls. */
function addresses(
  inner: readonly (Place & { readonly name: ServiceName })[],
  edges: readonly EdgePlace[],
): Record<string, string> {
  const asked = serviceNames.flatMap((name) => {
    const { address }: Service = services[name];
    const own = inner.filter((place) => place.name === name);
    const places = own.length > 0 ? own : edges;
    return address === undefined ? [] : [[address, places.map(({ grpc }) => grpc).join(',')]];
  });
  return Object.fromEntries(asked) as Record<string, string>;
}

interface EdgePlace extends Place {
  readonly name: string;
  readonly sip: string;
  readonly link: string;
}

interface GatePlace {
  readonly name: string;
  readonly link: string;
  readonly admin: string;
}

function placeOf(take: () => string): Place {
  return { grpc: take(), admin: take() };
}

function edgeNames({ layout, pods, mode }: ClusterShape): string[] {
  const name = layout === 'pod' ? 'pod' : 'edge';
  if (mode === 'direct') return [name];
  return Array.from({ length: pods }, (_, index) => `${name}-${String(index + 1)}`);
}

function gateNames({ mode }: ClusterShape): string[] {
  if (mode === 'direct') return [];
  if (mode !== 'front') return ['distributor'];
  return Array.from({ length: FRONTS }, (_, index) => `front-${String(index + 1)}`);
}

function sharedSettings({
  api,
  dataDir,
  secretKeyFile,
  stores,
}: ClusterShape): Record<string, string> {
  return {
    TANDEM_API_LISTEN: api,
    TANDEM_DATA_DIR: dataDir,
    TANDEM_SECRET_KEY_FILE: secretKeyFile,
    TANDEM_REDIS_URL: stores.redisUrl,
    TANDEM_REDIS_PREFIX: stores.redisPrefix,
    TANDEM_POSTGRES_URL: stores.postgresUrl,
    TANDEM_KAFKA_BROKERS: stores.kafkaBrokers,
    TANDEM_KAFKA_TOPIC: stores.kafkaTopic,
    TANDEM_KAFKA_GROUP: stores.kafkaGroup,
    TANDEM_JOURNAL_TOPIC: journalTopicOf(stores),
    TANDEM_JOURNAL_GROUP: `${stores.kafkaGroup}-journal`,
    TANDEM_MESSAGES_TOPIC: `${stores.kafkaTopic}.messages`,
    TANDEM_MESSAGES_GROUP: `${stores.kafkaGroup}-messages`,
    TANDEM_LOG_LEVEL: 'info',
    // An edge that was killed is back in half the time.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? COMPILE_CACHE,
  };
}

function listens({ grpc, admin }: Place): Record<string, string> {
  return { TANDEM_GRPC_LISTEN: grpc, TANDEM_ADMIN_LISTEN: admin };
}

function edgeSettings(
  { connections = [], mode, sip }: ClusterShape,
  edge: EdgePlace,
  gates: readonly GatePlace[],
): Record<string, string> {
  switch (mode) {
    case 'direct':
      return { TANDEM_SIP_LISTEN: sip };
    case 'front':
      return {
        TANDEM_EDGE_ROLE: 'worker',
        TANDEM_POD_LISTEN: edge.link,
        TANDEM_SIP_ADVERTISED: [sip, ...connections].join(','),
      };
    case 'random':
    case 'hash':
      return {
        // Reached directly as well, so that anybody can put a distributor of their own before the pods.
        TANDEM_SIP_LISTEN: [edge.sip, ...connections].join(','),
        ...(connections.length === 0 ? {} : { TANDEM_SIP_PORT_SHARED: 'true' }),
        TANDEM_SIP_ADVERTISED: [sip, ...connections].join(','),
        TANDEM_POD_LISTEN: edge.link,
        TANDEM_SIP_FRONTS: gates.map(({ link }) => link).join(','),
      };
  }
}

function frontSettings(
  { connections = [], sip }: ClusterShape,
  { name, link, admin }: GatePlace,
): Record<string, string> {
  return {
    TANDEM_EDGE_ROLE: 'front',
    TANDEM_SIP_LISTEN: [sip, ...connections].join(','),
    TANDEM_SIP_PORT_SHARED: 'true',
    TANDEM_POD_LISTEN: link,
    TANDEM_POD_NAME: name,
    TANDEM_ADMIN_LISTEN: admin,
  };
}

function distributor(
  { mode, sip, lossPercent, seed, secretKeyFile }: ClusterShape,
  { name, link, admin }: GatePlace,
  edges: readonly EdgePlace[],
): PlannedProcess {
  return {
    name,
    modules: [],
    cwd: REPOSITORY,
    args: ['e2e/src/distributor/main.ts'],
    env: {
      TANDEM_SIP_LISTEN: sip,
      TANDEM_POD_LISTEN: link,
      TANDEM_ADMIN_LISTEN: admin,
      TANDEM_SECRET_KEY_FILE: secretKeyFile,
      DISTRIBUTOR_PODS: edges.map((edge) => `${edge.link}=${edge.admin}`).join(','),
      DISTRIBUTOR_MODE: mode,
      DISTRIBUTOR_LOSS: String(lossPercent),
      DISTRIBUTOR_SEED: String(seed),
    },
    admin: `http://${admin}`,
    sip,
  };
}
