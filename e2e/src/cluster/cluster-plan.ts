import { join } from 'node:path';

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

/** What a cluster is made of. */
export interface ClusterShape {
  readonly pods: number;
  /** `direct`: one edge that owns the public address itself. */
  readonly mode: 'direct' | 'random' | 'hash' | 'front';
  readonly lossPercent: number;
  /** Of the random choices of the distributor. */
  readonly seed: number;
  /** Public `address:port`. */
  readonly sip: string;
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
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** URL of /healthz and /readyz. */
  readonly admin: string;
  /** Where it speaks SIP itself; the public address for what is reached by that alone. */
  readonly sip?: string | undefined;
}

/** How many ports `planCluster` needs. */
export function portsNeeded({ pods, mode }: Pick<ClusterShape, 'pods' | 'mode'>): number {
  const services = 4;
  const gates = mode === 'front' ? FRONTS : 1;
  return services * 2 + pods * 4 + gates * 2;
}

/** Every process of the cluster with its environment, in the order of start: who is called stands before who calls. */
export function planCluster(shape: ClusterShape, ports: readonly number[]): PlannedProcess[] {
  const left = [...ports];
  const take = (): string => `${LOOPBACK}:${String(left.shift() ?? 0)}`;
  const inner = ['api', 'auth', 'billing', 'routing'].map((name) => placeOf(name, take));
  const edges = edgeNames(shape).map((name) => ({
    ...placeOf(name, take),
    sip: take(),
    link: take(),
  }));
  const gates = gateNames(shape).map((name) => ({ name, link: take(), admin: take() }));
  const grpcOf = (name: string): string => inner.find((place) => place.name === name)?.grpc ?? '';
  const shared = {
    ...sharedSettings(shape),
    TANDEM_AUTH_ADDRESS: grpcOf('auth'),
    TANDEM_ROUTING_ADDRESS: grpcOf('routing'),
    TANDEM_BILLING_ADDRESS: grpcOf('billing'),
    TANDEM_EDGE_ADDRESS: edges.map(({ grpc }) => grpc).join(','),
    ...shape.env,
  };
  const plan = ({ name, service = name, settings, sip }: Planned): PlannedProcess => ({
    name,
    cwd: join(REPOSITORY, 'services', service),
    args: [...(shape.nodeArgs?.[name] ?? []), 'src/main.ts'],
    env: { ...shared, ...settings },
    admin: `http://${settings['TANDEM_ADMIN_LISTEN'] ?? ''}`,
    sip,
  });
  return [
    ...inner.map(({ name, ...place }) => plan({ name, settings: listens(place) })),
    ...edges.map((edge) =>
      plan({
        name: edge.name,
        service: 'edge',
        settings: {
          ...listens(edge),
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
            service: 'edge',
            settings: frontSettings(shape, gate),
            sip: shape.sip,
          })
        : distributor(shape, gate, edges),
    ),
  ];
}

interface Planned {
  readonly name: string;
  readonly service?: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly sip?: string;
}

interface Place {
  readonly grpc: string;
  readonly admin: string;
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

function placeOf(name: string, take: () => string): Place & { readonly name: string } {
  return { name, grpc: take(), admin: take() };
}

function edgeNames({ pods, mode }: ClusterShape): string[] {
  if (mode === 'direct') return ['edge'];
  return Array.from({ length: pods }, (_, index) => `edge-${String(index + 1)}`);
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
    TANDEM_LOG_LEVEL: 'info',
    // An edge that was killed is back in half the time.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? COMPILE_CACHE,
  };
}

function listens({ grpc, admin }: Place): Record<string, string> {
  return { TANDEM_GRPC_LISTEN: grpc, TANDEM_ADMIN_LISTEN: admin };
}

function edgeSettings(
  { mode, sip }: ClusterShape,
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
        TANDEM_SIP_ADVERTISED: sip,
      };
    case 'random':
    case 'hash':
      return {
        // Reached directly as well, so that anybody can put a distributor of their own before the pods.
        TANDEM_SIP_LISTEN: edge.sip,
        TANDEM_SIP_ADVERTISED: sip,
        TANDEM_POD_LISTEN: edge.link,
        TANDEM_SIP_FRONTS: gates.map(({ link }) => link).join(','),
      };
  }
}

function frontSettings(
  { sip }: ClusterShape,
  { name, link, admin }: GatePlace,
): Record<string, string> {
  return {
    TANDEM_EDGE_ROLE: 'front',
    TANDEM_SIP_LISTEN: sip,
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
