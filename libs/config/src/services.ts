import type { EnvironmentVariable } from './environment.ts';

/** Something outside that services keep things in, or learn them from. */
export type OutsideThing = 'redis' | 'postgres' | 'kafka' | 'secret-key';

/** One service of the switch: package `@tandem/NAME` in `services/NAME`, module `NAME` of `TANDEM_MODULES`. */
export interface Service {
  /** Where each of its servers listens where nothing else is said, as in compose.yaml. */
  readonly ports: {
    /** Of `/healthz` and `/readyz`. */
    readonly admin: number;
    readonly grpc?: number;
    readonly http?: number;
    readonly sip?: number;
  };
  /** The services that it asks; those in the same process directly, the others over gRPC. */
  readonly asks: readonly string[];
  /** How the others are told where it is. */
  readonly address?: EnvironmentVariable;
  readonly needs: readonly OutsideThing[];
  /** Every variable that it reads, beside those that every process reads (`processVariables`). */
  readonly settings: readonly EnvironmentVariable[];
}

/** How Kafka is reached. */
const kafkaVariables = [
  'TANDEM_KAFKA_BROKERS',
  'TANDEM_KAFKA_TLS',
  'TANDEM_KAFKA_TLS_CA_FILE',
  'TANDEM_KAFKA_TLS_CERT_FILE',
  'TANDEM_KAFKA_TLS_KEY_FILE',
  'TANDEM_KAFKA_SASL',
  'TANDEM_KAFKA_USERNAME',
  'TANDEM_KAFKA_PASSWORD_FILE',
] as const satisfies readonly EnvironmentVariable[];

/** Every service, in the order of the start of the first ones: api makes the schema of the configuration, the edge takes calls last. */
export const services = {
  api: {
    ports: { admin: 9105, http: 8080 },
    asks: ['auth', 'routing', 'registrar', 'billing', 'journal', 'edge'],
    needs: ['postgres', 'kafka', 'secret-key'],
    settings: [
      'TANDEM_API_LISTEN',
      'TANDEM_API_URL',
      'TANDEM_API_PROXIES',
      'TANDEM_API_REQUESTS_PER_MINUTE',
      'TANDEM_SESSION_IDLE_MINUTES',
      'TANDEM_SIGN_IN_FAILURES',
      'TANDEM_SIGN_IN_LOCK_MINUTES',
      'TANDEM_PASSWORD_LENGTH',
      'TANDEM_OPENID_ISSUER',
      'TANDEM_OPENID_CLIENT_ID',
      'TANDEM_OPENID_CLIENT_SECRET_FILE',
      'TANDEM_OPENID_TITLE',
      'TANDEM_OPENID_GROUPS_CLAIM',
      'TANDEM_OPENID_ROLES',
      'TANDEM_ALARM_SECONDS',
      'TANDEM_ALARM_WEBHOOK_SECRET_FILE',
      'TANDEM_SMTP_SERVER',
      'TANDEM_SMTP_SECURITY',
      'TANDEM_SMTP_USER',
      'TANDEM_SMTP_PASSWORD_FILE',
      'TANDEM_SMTP_FROM',
      'TANDEM_SMTP_CA',
      ...kafkaVariables,
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_DATA_DIR',
      'TANDEM_POSTGRES_URL',
      'TANDEM_SECRET_KEY_FILE',
      'TANDEM_AUTH_ADDRESS',
      'TANDEM_ROUTING_ADDRESS',
      'TANDEM_REGISTRAR_ADDRESS',
      'TANDEM_BILLING_ADDRESS',
      'TANDEM_JOURNAL_ADDRESS',
      'TANDEM_EDGE_ADDRESS',
    ],
  },
  billing: {
    ports: { admin: 9103, grpc: 9003 },
    asks: [],
    address: 'TANDEM_BILLING_ADDRESS',
    needs: ['redis', 'postgres', 'kafka'],
    settings: [
      'TANDEM_GRPC_LISTEN',
      'TANDEM_POSTGRES_URL',
      'TANDEM_REDIS_URL',
      'TANDEM_REDIS_PREFIX',
      ...kafkaVariables,
      'TANDEM_KAFKA_TOPIC',
      'TANDEM_KAFKA_GROUP',
      'TANDEM_BILLING_LOST_MINUTES',
      'TANDEM_BILLING_CDR_DAYS',
      'TANDEM_BILLING_ARCHIVE_DIR',
      'TANDEM_BILLING_FEED_DIR',
      'TANDEM_BILLING_FEED_SECONDS',
      'TANDEM_BILLING_FEED_URL',
      'TANDEM_BILLING_FEED_SECRET_FILE',
    ],
  },
  journal: {
    ports: { admin: 9107, grpc: 9006 },
    asks: [],
    address: 'TANDEM_JOURNAL_ADDRESS',
    needs: ['postgres', 'kafka'],
    settings: [
      'TANDEM_GRPC_LISTEN',
      'TANDEM_POSTGRES_URL',
      ...kafkaVariables,
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_JOURNAL_GROUP',
      'TANDEM_MESSAGES_TOPIC',
      'TANDEM_MESSAGES_GROUP',
      'TANDEM_MESSAGES_HOURS',
      'TANDEM_MESSAGES_MEGABYTES',
      'TANDEM_JOURNAL_DAYS',
      'TANDEM_JOURNAL_HISTORY_DAYS',
      'TANDEM_COUNTRIES_FILE',
    ],
  },
  auth: {
    ports: { admin: 9101, grpc: 9001 },
    asks: [],
    address: 'TANDEM_AUTH_ADDRESS',
    needs: ['redis', 'postgres', 'kafka', 'secret-key'],
    settings: [
      'TANDEM_GRPC_LISTEN',
      'TANDEM_REDIS_URL',
      'TANDEM_REDIS_PREFIX',
      'TANDEM_POSTGRES_URL',
      'TANDEM_SECRET_KEY_FILE',
      ...kafkaVariables,
      'TANDEM_KAFKA_TOPIC',
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_DNS_SERVERS',
      'TANDEM_AUTH_ALGORITHMS',
      'TANDEM_AUTH_NONCE_SECONDS',
      'TANDEM_STIR_TRUST',
      'TANDEM_STIR_CERTIFICATES',
      'TANDEM_STIR_FETCH',
    ],
  },
  registrar: {
    ports: { admin: 9106, grpc: 9005 },
    asks: [],
    address: 'TANDEM_REGISTRAR_ADDRESS',
    needs: ['redis', 'postgres', 'kafka'],
    settings: [
      'TANDEM_GRPC_LISTEN',
      'TANDEM_REDIS_URL',
      'TANDEM_REDIS_PREFIX',
      'TANDEM_POSTGRES_URL',
      ...kafkaVariables,
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_DNS_SERVERS',
    ],
  },
  routing: {
    ports: { admin: 9102, grpc: 9002 },
    asks: ['registrar'],
    address: 'TANDEM_ROUTING_ADDRESS',
    needs: ['redis', 'postgres', 'kafka', 'secret-key'],
    settings: [
      'TANDEM_GRPC_LISTEN',
      'TANDEM_REDIS_URL',
      'TANDEM_REDIS_PREFIX',
      'TANDEM_POSTGRES_URL',
      'TANDEM_SECRET_KEY_FILE',
      ...kafkaVariables,
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_DNS_SERVERS',
      'TANDEM_REGISTRAR_ADDRESS',
    ],
  },
  edge: {
    ports: { admin: 9104, grpc: 9004, sip: 5060 },
    asks: ['auth', 'routing', 'registrar'],
    address: 'TANDEM_EDGE_ADDRESS',
    needs: ['redis', 'kafka', 'secret-key'],
    settings: [
      'TANDEM_POD_NAME',
      'TANDEM_EDGE_ROLE',
      'TANDEM_SIP_LISTEN',
      'TANDEM_SIP_TLS_CERTIFICATES',
      'TANDEM_SIP_TLS_CA',
      'TANDEM_SIP_WS_PATH',
      'TANDEM_SIP_WS_ORIGINS',
      'TANDEM_SIP_PORT_SHARED',
      'TANDEM_SIP_ADVERTISED',
      'TANDEM_SIP_SOURCE',
      'TANDEM_SIP_PRODUCT',
      'TANDEM_SIP_MESSAGE',
      'TANDEM_SIP_FRONTS',
      'TANDEM_RTPENGINES',
      'TANDEM_POD_LISTEN',
      'TANDEM_POD_ADVERTISED',
      'TANDEM_OVERLOAD',
      'TANDEM_OVERLOAD_RATE',
      'TANDEM_FAULTS',
      'TANDEM_GRPC_LISTEN',
      'TANDEM_AUTH_ADDRESS',
      'TANDEM_ROUTING_ADDRESS',
      'TANDEM_REGISTRAR_ADDRESS',
      'TANDEM_REDIS_URL',
      'TANDEM_REDIS_PREFIX',
      ...kafkaVariables,
      'TANDEM_KAFKA_TOPIC',
      'TANDEM_JOURNAL_TOPIC',
      'TANDEM_MESSAGES',
      'TANDEM_MESSAGES_TOPIC',
      'TANDEM_SECRET_KEY_FILE',
      'TANDEM_STIR_KEYS',
    ],
  },
} as const satisfies Readonly<Record<string, Service>>;

export type ServiceName = keyof typeof services;

/** The names of all services, in the order of their start. */
export const serviceNames = Object.keys(services) as readonly ServiceName[];

/** What every process reads, whatever its services. */
export const processVariables = [
  'TANDEM_ADMIN_LISTEN',
  'TANDEM_LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_LOGS_EXPORTER',
  'TANDEM_TLS_CA_FILE',
  'TANDEM_TLS_CERT_FILE',
  'TANDEM_TLS_KEY_FILE',
] as const satisfies readonly EnvironmentVariable[];

/**
 * Whether a service is asked by one outside its process.
 * @param beside the services of its process
 */
export function isAskedFromOutside(name: ServiceName, beside: readonly ServiceName[]): boolean {
  return serviceNames.some((other) => {
    const { asks }: Service = services[other];
    return asks.includes(name) && !beside.includes(other);
  });
}
