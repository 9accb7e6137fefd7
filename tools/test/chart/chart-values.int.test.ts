import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { chart, Helm } from './helm.ts';
import { objectsOf, podsOf, processesOf, valueFiles } from './objects.ts';

const helm = new Helm();
after(() => helm.close());

const least = {
  redis: { url: 'redis://redis:6379' },
  postgres: { url: 'postgres://tandem@postgres:5432/tandem' },
  kafka: { brokers: ['kafka:9092'] },
  sip: { advertised: ['203.0.113.1:5060'] },
};

/** What is refused, and the part of the message that says what would be right. */
const refusals: readonly {
  readonly what: string;
  readonly values: object;
  readonly says: RegExp;
}[] = [
  {
    what: 'an unknown value',
    values: { shap: 'pod' },
    says: /additional properties 'shap' not allowed[^]*must be one of 'shape', 'fullnameOverride'/,
  },
  {
    what: 'an unknown value of a section',
    values: { edge: { modus: 'both' } },
    says: /at '\/edge'[^]*'modus' not allowed[^]*must be one of 'mode', 'linkPort'/,
  },
  {
    what: 'an unknown value of a process',
    values: { processes: { edge: { replica: 3 } } },
    says: /at '\/processes\/edge'[^]*'replica' not allowed[^]*'replicas', 'resources'/,
  },
  {
    what: 'an unknown part of a listener',
    values: { sip: { ...least.sip, listeners: [{ transport: 'udp', port: 5060, adress: '::' }] } },
    says: /at '\/sip\/listeners\/0'[^]*'adress' not allowed[^]*'transport', 'port', 'address'/,
  },
  {
    what: 'an unknown process',
    values: { processes: { egde: {} } },
    says: /'egde' not allowed[^]*must be one of 'api', 'billing'/,
  },
  {
    what: 'an unknown variable',
    values: { settings: { TANDEM_OVERLOD: 'off' } },
    says: /at '\/settings'[^]*'TANDEM_OVERLOD' not allowed[^]*'TANDEM_OVERLOAD'/,
  },
  {
    what: 'a variable that the chart sets itself',
    values: { settings: { TANDEM_REDIS_URL: 'redis://redis:6379' } },
    says: /'TANDEM_REDIS_URL' not allowed/,
  },
  {
    what: 'fault hooks',
    values: { settings: { TANDEM_FAULTS: '/tmp' } },
    says: /'TANDEM_FAULTS' not allowed/,
  },
  {
    what: 'a shape that there is not',
    values: { shape: 'splitt' },
    says: /at '\/shape': value must be one of 'split', 'pod'/,
  },
  {
    what: 'a transport that there is not',
    values: { sip: { ...least.sip, listeners: [{ transport: 'sctp', port: 5060 }] } },
    says: /at '\/sip\/listeners\/0\/transport': value must be one of 'udp', 'tcp', 'tls', 'ws', 'wss'/,
  },
  {
    what: 'a port past the last one',
    values: { sip: { ...least.sip, listeners: [{ transport: 'udp', port: 70_000 }] } },
    says: /at '\/sip\/listeners\/0\/port': maximum: got 70,000, want 65,535/,
  },
  {
    what: 'text where a number is asked for',
    values: { process: { replicas: 'three' } },
    says: /at '\/process\/replicas': got string, want integer/,
  },
  {
    what: 'no Redis',
    values: { redis: { url: '' } },
    says: /redis\.url is empty: name the Redis/,
  },
  {
    what: 'no PostgreSQL',
    values: { postgres: { url: '' } },
    says: /postgres\.url is empty: name the PostgreSQL/,
  },
  { what: 'no Kafka', values: { kafka: { brokers: [] } }, says: /kafka\.brokers is empty/ },
  {
    what: 'a way to tell Kafka a name that there is not',
    values: { kafka: { ...least.kafka, sasl: { mechanism: 'gssapi' } } },
    says: /at '\/kafka\/sasl\/mechanism': value must be one of '', 'plain', 'scram-sha-256', 'scram-sha-512'/,
  },
  {
    what: 'a name for Kafka without a password',
    values: { kafka: { ...least.kafka, sasl: { mechanism: 'scram-sha-512', username: 'a' } } },
    says: /kafka\.sasl\.mechanism needs kafka\.sasl\.username, and kafka\.sasl\.existingSecret/,
  },
  {
    what: 'a password for Kafka that the network sees',
    values: {
      kafka: {
        ...least.kafka,
        sasl: { mechanism: 'plain', username: 'a', existingSecret: 'kafka-user' },
      },
    },
    says: /kafka\.sasl\.mechanism=plain shows the password to the network[^]*scram-sha-512/,
  },
  {
    what: 'authorities of Kafka without TLS',
    values: { kafka: { ...least.kafka, tls: { caSecret: 'kafka-ca' } } },
    says: /set kafka\.tls\.enabled=true/,
  },
  {
    what: 'logs that go nowhere',
    values: { telemetry: { logs: true } },
    says: /telemetry\.logs needs a collector: set telemetry\.otlpEndpoint/,
  },
  {
    what: 'no advertised address',
    values: { sip: { advertised: [] } },
    says: /sip\.advertised is empty: say what peers reach the switch by/,
  },
  {
    what: 'a Service that hides the addresses of peers',
    values: {
      sip: { ...least.sip, expose: 'loadBalancer', service: { externalTrafficPolicy: 'Cluster' } },
    },
    says: /externalTrafficPolicy=Cluster hides the addresses of all peers[^]*sip\.source=hidden/,
  },
  {
    what: 'a listener of TLS without a certificate',
    values: { sip: { ...least.sip, listeners: [{ transport: 'tls', port: 5061 }] } },
    says: /sip\.tls\.certificates is empty: a listener of tls needs one/,
  },
  {
    what: 'TLS between services by a Secret that is not named',
    values: { tls: { source: 'existing' } },
    says: /tls\.existingSecret is empty/,
  },
  {
    what: 'a test call to nobody',
    values: { test: { call: { enabled: true } } },
    says: /test\.call needs number, username, and password/,
  },
  {
    what: 'two first configurations',
    values: { configuration: { document: 'realm: a', existingSecret: 'b' } },
    says: /configuration\.document and configuration\.existingSecret are both set/,
  },
];

for (const { what, values, says } of refusals) {
  test(`OPS-07 the chart refuses ${what}, and says what would be right`, async () => {
    const { refused } = await helm.render({ ...least, ...values });
    assert.match(refused ?? 'it was taken', says);
  });
}

test('OPS-07 the least that has to be said is enough', async () => {
  assert.equal((await helm.render(least)).refused, undefined);
});

test('CALL-07 a Service that hides addresses is taken where that is said', async () => {
  const service = { externalTrafficPolicy: 'Cluster' };
  const sip = { ...least.sip, expose: 'loadBalancer', source: 'hidden', service };
  assert.equal((await helm.render({ ...least, sip })).refused, undefined);
});

test('OPS-07 passwords of stores stand in Secrets alone', async () => {
  const password = 'open-sesame';
  const objects = await objectsOf(helm, {
    ...least,
    redis: { url: `redis://:${password}@redis:6379` },
    postgres: { url: `postgres://tandem:${password}@postgres:5432/tandem` },
  });
  const tellers = objects.filter((object) => JSON.stringify(object).includes(password));
  assert.deepEqual(
    tellers.map(({ kind, metadata: { name } }) => `${kind} ${name}`),
    ['Secret tandem-stores'],
  );
  const { manifests = {} } = await helm.render({
    ...least,
    redis: { url: `redis://:${password}@r:1` },
  });
  const notes = Object.entries(manifests).find(([template]) => template.endsWith('NOTES.txt'));
  assert.equal(notes?.[1].includes(password), false);
});

test('OPS-07 keys are made where there are none, stay when the release goes, and replace the pods when they change', async () => {
  const first = await objectsOf(helm, least);
  const keys = first.find(({ metadata: { name } }) => name === 'tandem-keys');
  assert.equal(keys?.metadata.annotations?.['helm.sh/resource-policy'], 'keep');
  const key = Buffer.from(keys.data?.['secret-key'] ?? '', 'base64').toString();
  assert.equal(Buffer.from(key, 'base64').length, 32);
  assert.ok(Buffer.from(keys.data?.['api-token'] ?? '', 'base64').length >= 32);
  const checksums = processesOf(first).map(
    ({ spec }) => spec?.template?.metadata.annotations?.['tandem/secrets'],
  );
  assert.equal(new Set(checksums).size, 1, 'made once in a rendering');
  // Nothing is there to be looked up, so that these are others.
  const [again] = processesOf(await objectsOf(helm, least));
  const other = again?.spec?.template?.metadata.annotations?.['tandem/secrets'];
  assert.notEqual(other, checksums[0]);
});

test('OPS-07 nothing is made where Secrets are named', async () => {
  const objects = await objectsOf(helm, {
    ...least,
    redis: { existingSecret: 'stores' },
    postgres: { existingSecret: 'stores' },
    secrets: { existingSecretKey: 'key', existingApiToken: 'token' },
    tls: { source: 'existing', existingSecret: 'services-tls' },
  });
  assert.deepEqual(
    objects.filter(({ kind }) => kind === 'Secret'),
    [],
  );
  const mounted = podsOf(objects).flatMap(({ spec }) => JSON.stringify(spec.volumes));
  for (const name of ['key', 'token', 'services-tls']) {
    assert.ok(
      mounted.some((text) => text.includes(`"secretName":"${name}"`)),
      name,
    );
  }
});

test('OPS-07 cert-manager is asked for a certificate of an authority that is made for it, or of the issuer that is named', async () => {
  const of = async (tls: object) => {
    const objects = await objectsOf(helm, { ...least, tls: { source: 'certManager', ...tls } });
    return objects.filter(({ apiVersion }) => apiVersion === 'cert-manager.io/v1');
  };
  const own = await of({});
  assert.deepEqual(
    own.map(({ kind, metadata: { name } }) => `${kind} ${name}`),
    [
      'Issuer tandem-self-signed',
      'Certificate tandem-authority',
      'Issuer tandem-services',
      'Certificate tandem-tls',
    ],
  );
  const [selfSigned, authority, issuer, certificate] = own.map(({ spec }) => spec);
  assert.deepEqual(selfSigned, { selfSigned: {} });
  assert.equal(authority?.['isCA'], true);
  assert.deepEqual(issuer, { ca: { secretName: authority['secretName'] } });
  const names = certificate?.['dnsNames'] as readonly string[];
  for (const name of ['auth', 'routing', 'pod']) {
    assert.ok(names.includes(`tandem-${name}.telephony.svc`), name);
  }
  assert.equal(certificate?.['renewBefore'], '720h');
  const named = await of({ duration: '240h', issuer: { name: 'pki', kind: 'ClusterIssuer' } });
  assert.deepEqual(
    named.map(({ spec }) => [spec?.['issuerRef'], spec?.['duration']]),
    [[{ name: 'pki', kind: 'ClusterIssuer', group: 'cert-manager.io' }, '240h']],
  );
});

test('OPS-07 affinity of the values is kept beside that of zones, and one to other pods takes its place', async () => {
  const affinityOf = async (affinity: object): Promise<unknown> => {
    const objects = await objectsOf(helm, { ...least, processes: { auth: { affinity } } });
    const auth = processesOf(objects).find(({ metadata: { name } }) => name === 'tandem-auth');
    return auth && podsOf([auth])[0]?.spec['affinity'];
  };
  const node = { preferredDuringSchedulingIgnoredDuringExecution: [] };
  const both = await affinityOf({ nodeAffinity: node });
  assert.deepEqual(Object.keys(both ?? {}).sort(), ['nodeAffinity', 'podAntiAffinity']);
  const own = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } };
  assert.deepEqual(await affinityOf(own), own);
});

test('OPS-06 the collector takes metrics, traces and logs by OTLP, and values add where they go', async () => {
  const objects = await objectsOf(helm, {
    ...least,
    telemetry: {
      logs: true,
      collector: {
        enabled: true,
        config: {
          exporters: { 'otlphttp/logs': { endpoint: 'http://loki:3100/otlp' } },
          service: { pipelines: { logs: { exporters: ['otlphttp/logs'] } } },
        },
      },
    },
  });
  const collector = objects.find(
    ({ kind, metadata: { name } }) => kind === 'ConfigMap' && name === 'tandem-collector',
  );
  const { service } = parse(collector?.data?.['config.yaml'] ?? '') as {
    readonly service: {
      readonly pipelines: Readonly<
        Record<string, { readonly receivers: unknown; readonly exporters: unknown }>
      >;
    };
  };
  const pipelines = Object.entries(service.pipelines);
  assert.deepEqual(
    pipelines.map(([name, { receivers, exporters }]) => [name, receivers, exporters]).sort(),
    [
      ['logs', ['otlp'], ['otlphttp/logs']],
      ['metrics', ['otlp'], ['prometheus']],
      ['traces', ['otlp'], ['debug']],
    ],
  );
  for (const { spec } of processesOf(objects)) {
    const env = spec?.template?.spec.containers[0]?.env ?? [];
    const valueOf = (wanted: string) => env.find(({ name }) => name === wanted)?.value;
    assert.equal(valueOf('OTEL_LOGS_EXPORTER'), 'otlp');
    const endpoint = valueOf('OTEL_EXPORTER_OTLP_ENDPOINT');
    assert.equal(endpoint, 'http://tandem-collector.telephony.svc:4318');
  }
});

test('OPS-07 an autoscaler goes by CPU and by new calls, and nothing else says how many pods there are', async () => {
  const objects = await objectsOf(helm, valueFiles.get('autoscaling-values.yaml'));
  const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  const names = scalers.map(({ metadata: { name } }) => name).sort();
  assert.deepEqual(names, ['tandem-auth', 'tandem-edge', 'tandem-routing']);
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  for (const { metadata, spec } of deployments) {
    assert.equal(spec?.['replicas'] === undefined, names.includes(metadata.name), metadata.name);
  }
  const edge = scalers.find(({ metadata: { name } }) => name === 'tandem-edge');
  assert.deepEqual(edge?.spec?.['metrics'], [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
    },
    {
      type: 'External',
      external: {
        metric: {
          name: 'tandem_edge_calls_per_second',
          selector: { matchLabels: { namespace: 'telephony' } },
        },
        target: { type: 'AverageValue', averageValue: '200' },
      },
    },
  ]);
  const windows = scalers.map(({ metadata: { name }, spec }) => {
    const { scaleDown } = spec?.['behavior'] as { scaleDown: Record<string, unknown> };
    return [name, scaleDown['stabilizationWindowSeconds']];
  });
  assert.deepEqual(Object.fromEntries(windows), {
    'tandem-auth': 300,
    'tandem-edge': 60,
    'tandem-routing': 300,
  });
});

test('OPS-07 templates are read alike by Helm 3 and 4: no text ends with the line ends that 4.2 adds', async () => {
  const { manifests = {} } = await helm.render(least);
  for (const [template, text] of Object.entries(manifests)) {
    assert.doesNotMatch(text, /[|>]\+\s*$/m, template);
  }
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as {
    readonly $schema: string;
  };
  // Helm obeys other words of other drafts, and says nothing of those that it does not know.
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
});

test('OPS-07 notes say how to make the first call', async () => {
  const { manifests = {} } = await helm.render(least);
  const notes = manifests['tandem/templates/NOTES.txt'] ?? '';
  for (const says of [
    'port-forward service/tandem-api 8080:8080',
    '203.0.113.1:5060',
    ' apply -f ',
    ' cdrs',
  ]) {
    assert.ok(notes.includes(says), says);
  }
});
