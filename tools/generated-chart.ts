import { readFileSync } from 'node:fs';
import { environmentVariables, serviceNames, services } from '@tandem/config';
import type { EnvironmentVariable } from '@tandem/config';
import { readModules } from '@tandem/pod';
import { isMap, isScalar, parse, parseDocument, stringify } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';

const chart = 'charts/tandem';

/** What the chart says by values of its own; `settings` takes all other variables. */
const setByChart: readonly EnvironmentVariable[] = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_LOGS_EXPORTER',
  'TANDEM_ADMIN_LISTEN',
  'TANDEM_API_LISTEN',
  'TANDEM_AUTH_ADDRESS',
  'TANDEM_BILLING_ADDRESS',
  'TANDEM_DATA_DIR',
  'TANDEM_EDGE_ADDRESS',
  'TANDEM_EDGE_ROLE',
  'TANDEM_GRPC_LISTEN',
  'TANDEM_JOURNAL_ADDRESS',
  'TANDEM_KAFKA_BROKERS',
  'TANDEM_KAFKA_PASSWORD_FILE',
  'TANDEM_KAFKA_SASL',
  'TANDEM_KAFKA_TLS',
  'TANDEM_KAFKA_TLS_CA_FILE',
  'TANDEM_KAFKA_TLS_CERT_FILE',
  'TANDEM_KAFKA_TLS_KEY_FILE',
  'TANDEM_KAFKA_USERNAME',
  'TANDEM_LOG_LEVEL',
  'TANDEM_MODULES',
  'TANDEM_POD_ADVERTISED',
  'TANDEM_POD_LISTEN',
  'TANDEM_POD_NAME',
  'TANDEM_POSTGRES_URL',
  'TANDEM_REDIS_URL',
  'TANDEM_REGISTRAR_ADDRESS',
  'TANDEM_ROUTING_ADDRESS',
  'TANDEM_RTPENGINES',
  'TANDEM_SECRET_KEY_FILE',
  'TANDEM_SIP_ADVERTISED',
  'TANDEM_SIP_LISTEN',
  'TANDEM_SIP_PORT_SHARED',
  'TANDEM_SIP_SOURCE',
  'TANDEM_SIP_TLS_CA',
  'TANDEM_SIP_TLS_CERTIFICATES',
  'TANDEM_STIR_KEYS',
  'TANDEM_STIR_TRUST',
  'TANDEM_TLS_CA_FILE',
  'TANDEM_TLS_CERT_FILE',
  'TANDEM_TLS_KEY_FILE',
];

/** No operator's: fault hooks of tests, refused where NODE_ENV is production, as in the image. */
const forTests: readonly EnvironmentVariable[] = ['TANDEM_FAULTS'];

type Schema = Readonly<Record<string, unknown>>;

/** One value of the chart. */
interface Value {
  /** `sip.service.annotations`. */
  readonly path: string;
  readonly meaning: string;
  /** What stands behind `@schema`. */
  readonly rule: Schema;
  readonly value: unknown;
}

/** The list of services as the templates read it. */
export function chartServices(): string {
  const document = {
    callPod: readModules({}),
    services: Object.fromEntries(serviceNames.map((name) => [name, services[name]])),
  };
  return `# Made of libs/config/src/services.ts by \`make docs\`.\n${stringify(document, { aliasDuplicateObjects: false })}`;
}

/** values.schema.json (draft-07): every object refuses what it does not know, and says what it knows. */
export function chartSchema(): string {
  const values = readValues();
  const root = objectOf(values, '');
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart tandem',
    ...root,
    definitions: {
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      texts: { type: 'object', additionalProperties: { type: 'string' } },
      resources: closed({
        requests: { $ref: '#/definitions/quantities' },
        limits: { $ref: '#/definitions/quantities' },
      }),
      quantities: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
      settings: closed(
        Object.fromEntries(
          settingNames().map((name) => [
            name,
            {
              type: ['string', 'number', 'boolean'],
              description: environmentVariables[name],
            },
          ]),
        ),
      ),
      process: objectOf(values, 'process.'),
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The table of values in README.md. */
export function chartReadme(): string {
  const rows = readValues().map(
    ({ path, value, meaning }) =>
      `| \`${path}\` | ${cell(`\`${JSON.stringify(value)}\``)} | ${cell(meaning)} |`,
  );
  const settings = settingNames().map(
    (name) => `| \`settings.${name}\` | ${cell(environmentVariables[name])} |`,
  );
  return `# Chart of Tandem

How to install, upgrade and remove it: [docs/kubernetes.md](../../docs/kubernetes.md). This page is made of \`values.yaml\` by \`make docs\`.

Helm 3 and 4; Kubernetes 1.30 and later. A value that the chart does not know is refused.

| Value | Default | Meaning |
| --- | --- | --- |
${rows.join('\n')}

\`processes.NAME\` takes all that stands under \`process\`.

| Setting | Meaning |
| --- | --- |
${settings.join('\n')}
`;
}

/** Variables that \`settings\` takes. */
function settingNames(): readonly EnvironmentVariable[] {
  const known = Object.keys(environmentVariables) as EnvironmentVariable[];
  return known.filter((name) => !setByChart.includes(name) && !forTests.includes(name)).sort();
}

function readValues(): readonly Value[] {
  const document = parseDocument(readFileSync(`${chart}/values.yaml`, 'utf8'));
  if (!isMap(document.contents)) throw new Error(`${chart}/values.yaml must hold a map`);
  return valuesIn(document.contents, '', document.commentBefore ?? '');
}

/** Every value that is described; maps without a description are sections, whose values are. */
function valuesIn(map: YAMLMap, prefix: string, opening: string): readonly Value[] {
  return map.items.flatMap((pair, index) => {
    const { key, comment } = keyOf(
      pair,
      index === 0 ? `${opening}\n${map.commentBefore ?? ''}` : '',
    );
    const path = `${prefix}${key}`;
    const meaning = /^ -- (.*)$/m.exec(comment)?.[1];
    if (meaning === undefined) {
      if (!isMap(pair.value)) throw new Error(`${chart}/values.yaml: ${path} has no "# --" line`);
      return valuesIn(pair.value, `${path}.`, '');
    }
    const rule = /^ @schema (\{.*\})$/m.exec(comment)?.[1];
    const value = (pair.value as { toJSON(): unknown } | null)?.toJSON();
    return { path, meaning, rule: rule === undefined ? {} : (parse(rule) as Schema), value };
  });
}

function keyOf(pair: Pair, before: string): { readonly key: string; readonly comment: string } {
  if (!isScalar(pair.key)) throw new Error(`${chart}/values.yaml has a key that is no text`);
  return { key: String(pair.key.value), comment: `${before}\n${pair.key.commentBefore ?? ''}` };
}

/** The schema of the section \`prefix\`. */
function objectOf(values: readonly Value[], prefix: string): Schema {
  const properties: Record<string, Schema> = {};
  for (const value of values.filter(({ path }) => path.startsWith(prefix))) {
    const [name = '', ...rest] = value.path.slice(prefix.length).split('.');
    properties[name] ??= rest.length > 0 ? objectOf(values, `${prefix}${name}.`) : schemaOf(value);
  }
  return closed(properties);
}

function schemaOf({ meaning, rule, value }: Value): Schema {
  const resolved = resolve(rule);
  if ('$ref' in resolved) return { description: meaning, allOf: [resolved] };
  return { description: meaning, type: typeOf(value), ...resolved };
}

/** \`$ref: port\` names a definition; objects are closed unless \`free\` says that they are Kubernetes' own. */
function resolve({ free, ...rule }: Schema): Schema {
  const entries = Object.entries(rule).map(([key, value]): [string, unknown] => {
    if (key === '$ref') return [key, `#/definitions/${String(value)}`];
    if (key === 'items') {
      return [key, resolve({ ...(value as Schema), ...(free === true && { free }) })];
    }
    if (key !== 'properties') return [key, value];
    const each = Object.entries(value as Record<string, Schema>);
    return [key, Object.fromEntries(each.map(([name, schema]) => [name, resolve(schema)]))];
  });
  const resolved = Object.fromEntries(entries);
  const { properties } = resolved;
  return properties === undefined || free === true
    ? resolved
    : { ...resolved, ...closed(properties as Record<string, Schema>) };
}

/** Two words for one rule: the second one has Helm print the names that would be right. */
function closed(properties: Readonly<Record<string, Schema>>): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    propertyNames: { enum: Object.keys(properties) },
    properties,
  };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value)) return 'integer';
  return typeof value;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}
