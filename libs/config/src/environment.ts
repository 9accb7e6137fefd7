import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError, type Mistake } from './mistake.ts';
import { didYouMean } from './suggest.ts';

/** Every variable that a service of Tandem may read, and its meaning. */
export const environmentVariables = {
  TANDEM_MODULES:
    'Which services a process of services/pod has, with commas; default edge,auth,routing,registrar.',
  TANDEM_EDGE_ROLE:
    'What an edge does: front (SIP sockets, no calls), worker (calls, no SIP sockets) or both (default).',
  TANDEM_SIP_LISTEN:
    'Where SIP is taken: udp:address:port, tcp:address:port, and tls, ws or wss in the same way, several with commas; without a transport by UDP and TCP. Behind = what its peers are told, such as udp:10.0.0.5:5060=203.0.113.1:5060.',
  TANDEM_SIP_ADVERTISED:
    'Addresses and ports that peers reach the SIP sockets at, one for each listener of an IP version; those for peers in a network behind it, such as 10.0.0.0/8=10.0.0.5:5060.',
  TANDEM_SIP_TLS_CERTIFICATES:
    'Certificates (PEM, with their chains) of SIP over TLS: NAME.crt, the key in NAME.key beside it, several with commas; by the name that a peer asks for (SNI), else the first. Read again when they change.',
  TANDEM_SIP_TLS_CA:
    'File (PEM) of the authorities that certificates of SIP peers must be of; peers who come over TLS, not by wss, are asked for one if set. Read again when it changes. Without it those that Node trusts, for gateways that are called.',
  TANDEM_SIP_WS_PATH: 'Path of WebSockets with SIP; default /.',
  TANDEM_SIP_WS_ORIGINS:
    'Origins of the pages that may open WebSockets, such as https://phone.example, with commas; all where it is not set.',
  TANDEM_SIP_PORT_SHARED:
    'true: another front or pod of this machine listens on the same port; default false.',
  TANDEM_SIP_SOURCE:
    'Whether the source addresses of clients are those that an edge sees: test (default; it finds out), preserved or hidden.',
  TANDEM_SIP_PRODUCT:
    'What the switch calls itself in Server and User-Agent, such as Example/2.0; where it is not set neither is written, and nobody is told what it is.',
  TANDEM_SIP_MESSAGE:
    'What becomes of MESSAGE out of a dialog: refuse (default; 405) or relay to the gateways that a call would go to, with their credentials (ADR 38).',
  TANDEM_SIP_FRONTS:
    'Link addresses (ip:port, with commas) of fronts that are not among the pods: own requests leave by them.',
  TANDEM_RTPENGINES:
    'Media relays (rtpengine): udp:address:port of their NG sockets, with ;weight=n where they differ, several with commas.',
  TANDEM_POD_LISTEN: 'Address and port of the datagrams between pods.',
  TANDEM_POD_ADVERTISED: 'Address and port that other pods reach it at; as listened on by default.',
  TANDEM_OVERLOAD:
    'on (default): an edge or front that is past its capacity refuses or drops what is new; off: this process does not, whatever SS_OVERLOAD_CONTROL says.',
  TANDEM_OVERLOAD_RATE:
    'New calls a second that an edge begins at most, 1 to 100000; no limit but its capacity where it is not set.',
  TANDEM_FAULTS: 'Folder of the fault hooks of tests; refused where NODE_ENV is production.',
  TANDEM_API_LISTEN: 'Address and port of the REST API.',
  TANDEM_API_URL:
    'How browsers reach the API, such as https://tandem.example.com: for links, OpenID Connect, and cookies that go over TLS alone. Where it listens where it is not set.',
  TANDEM_API_PROXIES:
    'Addresses and blocks of the proxies before the API, with commas: what they say in X-Forwarded-For is where a request comes from. None where it is not set.',
  TANDEM_API_REQUESTS_PER_MINUTE:
    'Requests a minute that a user may make to each pod of the API, 60 to 1000000; default 6000. An address that is nobody’s may make a tenth.',
  TANDEM_SESSION_IDLE_MINUTES:
    'Minutes without a request after which a session of an operator ends, 5 to 720; default 60. After 12 hours it ends in any case.',
  TANDEM_SIGN_IN_FAILURES:
    'Wrong passwords in a row after which a name cannot sign in for a time, 3 to 20; default 5.',
  TANDEM_SIGN_IN_LOCK_MINUTES: 'For how many minutes, 1 to 1440; default 15.',
  TANDEM_PASSWORD_LENGTH:
    'Characters that a password of an operator must have, 8 to 64; default 12.',
  TANDEM_OPENID_ISSUER:
    'Provider of OpenID Connect, such as https://id.example.com; none where it is not set.',
  TANDEM_OPENID_CLIENT_ID: 'What the switch is called there.',
  TANDEM_OPENID_CLIENT_SECRET_FILE:
    'File with its secret there; without it the switch is a public client (PKCE).',
  TANDEM_OPENID_TITLE: 'What is written on the button to sign in there; default OpenID Connect.',
  TANDEM_OPENID_GROUPS_CLAIM: 'The claim that holds the groups of a user; default groups.',
  TANDEM_OPENID_ROLES:
    'Which group of the provider has which role, such as noc=operator,it=administrator; the first that fits counts, and who is new is added. Without it those users alone come in who have an openIdSubject.',
  TANDEM_ALARM_SECONDS: 'How often alarms are judged, 1 to 300 seconds; default 15.',
  TANDEM_ALARM_WEBHOOK_SECRET_FILE:
    'File with the key that webhooks of alarms are signed by; without it none is sent (docs/alarms.md).',
  TANDEM_SMTP_SERVER:
    'Where mail of alarms is handed in, such as smtp.example.com:587; without it none leaves.',
  TANDEM_SMTP_SECURITY:
    'starttls (default; the connection must become TLS), tls (it begins so, port 465) or none.',
  TANDEM_SMTP_USER: 'What the switch is called there, where it asks for a password.',
  TANDEM_SMTP_PASSWORD_FILE: 'File with its password there.',
  TANDEM_SMTP_FROM: 'Sender of mail of alarms, such as tandem@example.com.',
  TANDEM_SMTP_CA:
    'File (PEM) of the authorities that the certificate of the mail server must be of; those that Node trusts where it is not set.',
  TANDEM_ADMIN_LISTEN: 'Address and port of /healthz and /readyz; none where it is not set.',
  TANDEM_GRPC_LISTEN: 'Address and port of the gRPC server of the service.',
  TANDEM_AUTH_ADDRESS: 'Where auth is reached.',
  TANDEM_AUTH_ALGORITHMS:
    'Digest algorithms that auth offers, with commas: MD5 (default), SHA-256, SHA-512-256.',
  TANDEM_AUTH_NONCE_SECONDS: 'How long a challenge may be answered, 10 to 3600; default 60.',
  TANDEM_ROUTING_ADDRESS: 'Where routing is reached.',
  TANDEM_REGISTRAR_ADDRESS:
    'Where the registrar is reached; without it nobody registers, and phones are called by gateways alone.',
  TANDEM_DNS_SERVERS:
    'Name servers (ip or ip:port, with commas) that are asked for the names of gateways; those of the machine where it is not set.',
  TANDEM_BILLING_ADDRESS: 'Where billing is reached.',
  TANDEM_EDGE_ADDRESS:
    'Where an edge is reached; several IPv4 addresses with ports, with commas between, where there are several pods.',
  TANDEM_REDIS_URL:
    'Redis: redis://127.0.0.1:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379; rediss for TLS.',
  TANDEM_REDIS_PREFIX: 'First part of every Redis key.',
  TANDEM_POSTGRES_URL: 'PostgreSQL, such as postgres://tandem@127.0.0.1:5432/tandem.',
  TANDEM_KAFKA_BROKERS: 'Kafka brokers, comma-separated host:port.',
  TANDEM_KAFKA_TLS: 'on: Kafka is spoken to over TLS; off (default): in plain text.',
  TANDEM_KAFKA_TLS_CA_FILE:
    'File (PEM) of the authorities that certificates of Kafka must be of; those that Node trusts where it is not set. Read again for each connection.',
  TANDEM_KAFKA_TLS_CERT_FILE:
    'Certificate (PEM) that Kafka is shown, where it asks for one. Read again for each connection.',
  TANDEM_KAFKA_TLS_KEY_FILE: 'Key (PEM) of that certificate.',
  TANDEM_KAFKA_SASL:
    'How Kafka is told a name and a password: plain (over TLS alone), scram-sha-256 or scram-sha-512; not at all where it is not set.',
  TANDEM_KAFKA_USERNAME: 'That name.',
  TANDEM_KAFKA_PASSWORD_FILE: 'File with that password. Read again for each connection.',
  TANDEM_KAFKA_TOPIC: 'Topic of the call events.',
  TANDEM_KAFKA_GROUP: 'Consumer group of billing.',
  TANDEM_JOURNAL_ADDRESS: 'Where the journal is reached; without it nobody can ask what it has.',
  TANDEM_JOURNAL_TOPIC: 'Topic of the journal; default tandem.journal.v1.',
  TANDEM_MESSAGES:
    'on (default): an edge or front keeps the SIP messages that pass it, secrets masked, for tandem messages; off: this process does not.',
  TANDEM_MESSAGES_TOPIC: 'Topic of the SIP messages; default tandem.messages.v1.',
  TANDEM_MESSAGES_GROUP: 'Consumer group in which the journal reads SIP messages.',
  TANDEM_MESSAGES_HOURS: 'Hours for which the journal keeps SIP messages, 1 to 720; default 72.',
  TANDEM_MESSAGES_MEGABYTES:
    'Megabytes of PostgreSQL that SIP messages may take, 64 to 10000000; the oldest go; default 20000.',
  TANDEM_JOURNAL_GROUP: 'Consumer group of the journal.',
  TANDEM_JOURNAL_DAYS:
    'Days for which the journal keeps entries, and counts by the minute, 1 to 3650; default 30.',
  TANDEM_JOURNAL_HISTORY_DAYS:
    'Days for which the journal keeps counts by the hour, 1 to 3650; default 400.',
  TANDEM_COUNTRIES_FILE:
    'File of the countries of addresses in MaxMind’s format (.mmdb); that of DB-IP Lite which ships with the switch where it is not set.',
  TANDEM_BILLING_LOST_MINUTES:
    'Minutes without a sign of life after which billing closes a call, 15 to 10080; default 60.',
  TANDEM_BILLING_CDR_DAYS:
    'How many days CDRs are kept, 30 to 36500; for ever where it is not set. Sums of calls, and the ledger, stay. Needs TANDEM_BILLING_ARCHIVE_DIR.',
  TANDEM_BILLING_ARCHIVE_DIR:
    'Folder that the CDRs of a day are written to (gzip CSV) before they are dropped; none: they go without a copy.',
  TANDEM_BILLING_FEED_DIR:
    'Folder that files of new CDRs (gzip CSV) are written to; none are where it is not set. All pods of billing need the same one.',
  TANDEM_BILLING_FEED_SECONDS: 'How often such a file is written, 10 to 86400; default 300.',
  TANDEM_BILLING_FEED_URL: 'Web hook that new CDRs are sent to (docs/cdr-feed.md).',
  TANDEM_BILLING_FEED_SECRET_FILE:
    'File with the secret by which those requests are signed; read again for each.',
  TANDEM_DATA_DIR: 'Directory for what a process keeps: the API token, embedded stores.',
  TANDEM_SECRET_KEY_FILE:
    'File with the key that seals passwords and tokens: 32 random bytes in base64; further lines hold older or coming keys, which open.',
  TANDEM_TLS_CA_FILE:
    'Authorities (PEM) that the other services must be signed by; TLS between services where it and the next two are set.',
  TANDEM_TLS_CERT_FILE: 'Certificate (PEM) that a service shows to the others.',
  TANDEM_TLS_KEY_FILE: 'Key (PEM) of that certificate.',
  TANDEM_STIR_KEYS:
    'Folder with the keys that calls are signed with: NAME.key and NAME.crt (PEM) for each of stir.certificates. Read again when they change.',
  TANDEM_STIR_TRUST:
    'File (PEM) of the authorities whose certificates may sign calls that come in; without it no signature is trusted. Read again when it changes.',
  TANDEM_STIR_CERTIFICATES:
    'Folder with a map.json of certificate URLs and file names in it: certificates that are not fetched.',
  TANDEM_STIR_FETCH:
    'Where certificates of signatures are fetched from: public (default; no private address), any, or none.',
  TANDEM_POD_NAME: 'Name of an edge in CDRs and logs; the host name where it is not set.',
  TANDEM_LOG_LEVEL: 'trace, debug, info (default), warn, error, fatal or silent.',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'OpenTelemetry collector; telemetry is off where it is not set.',
  OTEL_LOGS_EXPORTER:
    'otlp: the lines of the log go to the OpenTelemetry collector, too; none (default): to standard output alone.',
} as const;

/** The name of a variable that a service may read. */
export type EnvironmentVariable = keyof typeof environmentVariables;

const SECRET_NAME = /(PASSWORD|SECRET|TOKEN)(?!.*_FILE$)/;

/**
 * Reads the process's settings from variables, and from the YAML or JSON file that
 * TANDEM_CONFIG_FILE names: `TANDEM_SIP_LISTEN` is `sipListen` there. The environment wins; an empty
 * variable counts as not set.
 * @param schema an object schema whose keys are names of variables and whose values read text
 * @throws ConfigurationError naming every mistake at once, with the value unless it is a secret
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): z.output<Schema> {
  const names = Object.keys(schema.shape);
  const file = readFile(env, names);
  const given: Record<string, string> = {};
  for (const name of names) {
    const value = env[name] === '' ? undefined : env[name];
    const effective = value ?? file.values.get(name);
    if (effective !== undefined) given[name] = effective;
  }
  const parsed = schema.safeParse(given);
  const mistakes = [...file.mistakes];
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const isFromFile = (env[name] ?? '') === '' && file.values.has(name);
    const path = isFromFile ? `${fileKey(name)} in ${String(env['TANDEM_CONFIG_FILE'])}` : name;
    mistakes.push({ path, message: describe(name, given[name], issue.message) });
  }
  if (!parsed.success || mistakes.length > 0) throw new ConfigurationError(mistakes);
  return parsed.data;
}

/** So many letters away is a slip; what is farther away may be another program's, or what Kubernetes says of a Service. */
const SLIP = 2;

/** What is wrong with variables that nobody reads, since their names are those of others but for a letter or two. */
export function misspeltVariables(env: NodeJS.ProcessEnv): readonly string[] {
  const known = Object.keys(environmentVariables);
  return Object.keys(env)
    .filter((name) => name.startsWith('TANDEM_') && !Object.hasOwn(environmentVariables, name))
    .flatMap((name) => {
      const meant = didYouMean(name, known, SLIP);
      return meant === '' ? [] : [`${name} is no setting${meant}`];
    });
}

/** How a variable is called in the file: `TANDEM_SIP_LISTEN` is `sipListen`. */
export function fileKey(variable: string): string {
  return variable
    .replace(/^TANDEM_/, '')
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

interface FileSettings {
  readonly values: ReadonlyMap<string, string>;
  readonly mistakes: readonly Mistake[];
}

function readFile(env: NodeJS.ProcessEnv, names: readonly string[]): FileSettings {
  const path = env['TANDEM_CONFIG_FILE'] ?? '';
  if (path === '') return { values: new Map(), mistakes: [] };
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return oneMistake(`is ${path}, which cannot be read: ${reason}`);
  }
  if (document === null) return { values: new Map(), mistakes: [] };
  if (typeof document !== 'object' || Array.isArray(document)) {
    return oneMistake(`is ${path}, which must hold keys and values such as sipListen`);
  }
  return readKeys(path, document, names);
}

/** One file may serve several services: what another service reads is no mistake. */
function readKeys(path: string, document: object, names: readonly string[]): FileSettings {
  const byKey = new Map(
    [...Object.keys(environmentVariables), ...names].map((name) => [fileKey(name), name]),
  );
  const values = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const [key, value] of Object.entries(document)) {
    const name = byKey.get(key);
    const written = textOf(value);
    if (name === undefined) {
      const message = `is not known${didYouMean(key, byKey.keys())}`;
      mistakes.push({ path: `${key} in ${path}`, message });
    } else if (written === undefined) {
      const message = 'must be text, a number, true, false or a list of these';
      mistakes.push({ path: `${key} in ${path}`, message });
    } else values.set(name, written);
  }
  return { values, mistakes };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(textOf);
  return parts.every((part) => part !== undefined) ? parts.join(',') : undefined;
}

function oneMistake(message: string): FileSettings {
  return { values: new Map(), mistakes: [{ path: 'TANDEM_CONFIG_FILE', message }] };
}

function describe(name: string, value: string | undefined, message: string): string {
  if (value === undefined) return `is not set: ${meaningOf(name)}`;
  const shown = SECRET_NAME.test(name) ? 'its value' : `"${withoutPassword(value)}"`;
  return `${shown} is wrong: ${message}`;
}

function meaningOf(name: string): string {
  const meanings: Readonly<Record<string, string>> = environmentVariables;
  return meanings[name] ?? 'it is needed';
}

/** A store's URL may hold passwords. */
function withoutPassword(value: string): string {
  return value.replace(/\/\/[^/\s]*@/g, '//***@').replace(/([?&][^=&]*password=)[^&]*/gi, '$1***');
}
