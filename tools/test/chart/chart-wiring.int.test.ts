import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  processVariables,
  serviceNames,
  services,
  type Service,
  type ServiceName,
} from '@tandem/config';
import { readModuleConfigs, readModules } from '@tandem/pod';
import { Helm } from './helm.ts';
import {
  objectsOf,
  processesOf,
  valueFiles,
  type Container,
  type KubernetesObject,
  type PodSpec,
} from './objects.ts';
import { environmentOf, modulesOf } from './process-environment.ts';

const helm = new Helm();
after(() => helm.close());

interface Given {
  readonly shape?: string;
  readonly edge?: { readonly mode?: string };
  readonly network?: { readonly ipFamily?: 'IPv6' };
  readonly sip: { readonly expose?: string };
}

/** One process of a rendering. */
interface Process {
  readonly object: KubernetesObject;
  readonly pod: PodSpec;
  readonly container: Container;
  readonly env: NodeJS.ProcessEnv;
  readonly modules: readonly ServiceName[];
  readonly isFront: boolean;
}

for (const [file, given] of valueFiles) {
  const values = given as Given;
  const rendered = objectsOf(helm, values);

  test(`OPS-07 ${file}: every service accepts what it is given, and runs once`, async () => {
    const processes = processesIn(await rendered, values);
    for (const { env, modules, object } of processes) {
      assert.ok(modules.length > 0, object.metadata.name);
      await readModuleConfigs(env, modules);
    }
    const workers = processes.filter(({ isFront }) => !isFront);
    const run = workers.flatMap(({ modules }) => modules).sort();
    assert.deepEqual(run, [...serviceNames].sort());
    const together = workers.map(({ modules }) => modules).filter(({ length }) => length > 1);
    assert.deepEqual(together, values.shape === 'pod' ? [readModules({})] : []);
    const roles = new Set(processes.flatMap(({ env }) => env['TANDEM_EDGE_ROLE'] ?? []));
    const expected = values.edge?.mode === 'both' ? ['both'] : ['front', 'worker'];
    assert.deepEqual([...roles].sort(), expected);
  });

  test(`OPS-07 ${file}: no process is given a variable that its services do not read`, async () => {
    for (const { env, modules, object } of processesIn(await rendered, values)) {
      const read = new Set<string>(modules.flatMap((name) => (services[name] as Service).settings));
      const unknown = Object.keys(env).filter(
        (name) => !read.has(name) && !ofEveryProcess.has(name),
      );
      assert.deepEqual(unknown, [], object.metadata.name);
    }
  });

  test(`OPS-07 ${file}: who asks a service names a headless Service that leads to its pods`, async () => {
    const objects = await rendered;
    const processes = processesIn(objects, values);
    for (const { env, modules, isFront, object } of processes) {
      // Who is in the same process is asked directly.
      const beside = modules.flatMap((name) => (services[name] as Service).address ?? []);
      assert.deepEqual(
        beside.filter((name) => env[name] !== undefined),
        [],
        object.metadata.name,
      );
      for (const asked of isFront ? [] : asksOutside(modules)) {
        assertLeads(env, asked, { objects, processes, asker: object.metadata.name });
      }
    }
  });

  test(`OPS-07 ${file}: policies let those ask who do, and no others`, async () => {
    const objects = await rendered;
    const processes = processesIn(objects, values);
    // The collector asks nobody, and whoever is asked to by its address may send to it.
    const policies = objects.filter(
      ({ kind, metadata: { name } }) => kind === 'NetworkPolicy' && name !== 'tandem-collector',
    );
    for (const policy of policies) {
      const target = processes.find(({ object }) => object.metadata.name === policy.metadata.name);
      if (target === undefined) throw new Error(`${policy.metadata.name} is of no process`);
      assert.notEqual(target.pod.hostNetwork, true, policy.metadata.name);
      const answers: readonly ServiceName[] = target.modules;
      for (const rule of policy.spec?.['ingress'] as readonly IngressRule[]) {
        const isGrpc = rule.ports.some(({ port }) => port === 'grpc');
        if (!isGrpc || rule.from === undefined) continue;
        const chosen: readonly Process[] = rule.from.flatMap(({ podSelector }) =>
          podSelector === undefined
            ? []
            : processes.filter((each) => isChosen(each, podSelector.matchLabels)),
        );
        const askers: readonly Process[] = processes.filter(
          ({ modules, isFront, pod }) =>
            !isFront &&
            pod.hostNetwork !== true &&
            asksOutside(modules).some((asked) => answers.includes(asked)),
        );
        assert.deepEqual(namesOf(chosen), namesOf(askers), policy.metadata.name);
      }
    }
  });

  test(`OPS-07 ${file}: probes, time to stop and spreading are those of a switch`, async () => {
    for (const { container, pod, object, env } of processesIn(await rendered, values)) {
      const { name } = object.metadata;
      const admin = container.ports?.find((port) => port.name === 'admin')?.containerPort;
      assert.match(env['TANDEM_ADMIN_LISTEN'] ?? '', new RegExp(`:${String(admin)}$`), name);
      const probed = (probe: string): unknown =>
        (container[probe] as { readonly httpGet: unknown } | undefined)?.httpGet;
      assert.deepEqual(probed('startupProbe'), { path: '/healthz', port: 'admin' }, name);
      assert.deepEqual(probed('livenessProbe'), { path: '/healthz', port: 'admin' }, name);
      assert.deepEqual(probed('readinessProbe'), { path: '/readyz', port: 'admin' }, name);
      // A process ends itself after 25 s; before comes what the hook takes.
      const { lifecycle } = container as unknown as { readonly lifecycle: Lifecycle };
      const { sleep, exec } = lifecycle.preStop;
      const hookSeconds = sleep?.seconds ?? Number(exec?.command.at(-1)) + 20;
      assert.ok(Number(pod.terminationGracePeriodSeconds) >= hookSeconds + 25, name);
      if (pod.hostNetwork === true) {
        assert.equal(object.kind, 'DaemonSet');
        assert.equal(pod['dnsPolicy'], 'ClusterFirstWithHostNet');
      } else {
        assert.equal(object.kind, 'Deployment');
        // A node that lacks the label of one of several constraints counts for none of them: zones are none of these.
        const spread = pod['topologySpreadConstraints'] as readonly { topologyKey: string }[];
        const keys = spread.map(({ topologyKey }) => topologyKey);
        assert.deepEqual(keys, ['kubernetes.io/hostname'], name);
        assert.match(JSON.stringify(pod['affinity']), /"topology\.kubernetes\.io\/zone"/, name);
        const tolerations = pod['tolerations'] as readonly {
          readonly tolerationSeconds?: number;
        }[];
        const waits = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
        assert.deepEqual(waits, [15, 15], name);
      }
    }
  });
}

test('OPS-07 budgets keep all but one pod of each process, and requests are those that were measured', async () => {
  const values = valueFiles.get('split-front-host-values.yaml') as Given;
  const objects = await objectsOf(helm, values);
  const processes = processesIn(objects, values);
  const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget');
  const kept = processes.filter(({ pod }) => pod.hostNetwork !== true);
  // A DaemonSet's pods are not evicted when a node is drained.
  assert.deepEqual(budgets.map(({ metadata }) => metadata.name).sort(), namesOf(kept));
  for (const { metadata, spec } of budgets) {
    assert.equal(spec?.['maxUnavailable'], 1, metadata.name);
    assert.equal(spec['unhealthyPodEvictionPolicy'], 'AlwaysAllow');
    const chosen = processes.filter((each) => isChosen(each, spec.selector?.matchLabels ?? {}));
    assert.deepEqual(namesOf(chosen), [metadata.name]);
  }
  for (const { container, isFront, object, pod } of processes) {
    const { requests, limits } = container['resources'] as {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits: Readonly<Record<string, string>>;
    };
    assert.ok('cpu' in requests && 'memory' in requests, object.metadata.name);
    // A process that is throttled loses datagrams.
    assert.deepEqual(Object.keys(limits), ['memory'], object.metadata.name);
    const priority = isFront ? 'system-node-critical' : undefined;
    assert.equal(pod['priorityClassName'], priority, object.metadata.name);
  }
  const edge = processes.find(({ object }) => object.metadata.name === 'tandem-edge');
  assert.deepEqual((edge?.container['resources'] as { readonly requests: object }).requests, {
    cpu: '1',
    memory: '512Mi',
  });
});

test('OPS-07 Kafka’s Secrets are mounted by those processes alone that speak to it', async () => {
  const values = valueFiles.get('kafka-secured-values.yaml') as Given;
  for (const { env, object, pod } of processesIn(await objectsOf(helm, values), values)) {
    const mounted = (pod.volumes ?? [])
      .map(({ name }) => name)
      .filter((name) => name.startsWith('kafka'));
    const isTold = env['TANDEM_KAFKA_BROKERS'] !== undefined;
    assert.deepEqual(
      mounted,
      isTold ? ['kafka-ca', 'kafka-client', 'kafka-password'] : [],
      object.metadata.name,
    );
    assert.equal(env['TANDEM_KAFKA_SASL'], isTold ? 'scram-sha-512' : undefined);
    assert.equal(env['TANDEM_KAFKA_PASSWORD_FILE'] !== undefined, isTold);
  }
});

test('OPS-07 telemetry knows a process by its pod, and no argument holds what is secret', async () => {
  for (const [file, values] of valueFiles) {
    for (const { container, object } of processesIn(
      await objectsOf(helm, values),
      values as Given,
    )) {
      const instance = container.env?.find(({ name }) => name === 'TANDEM_INSTANCE');
      const field = instance?.valueFrom?.fieldRef?.fieldPath;
      assert.equal(field, 'metadata.name', `${file} ${object.metadata.name}`);
      // Arguments are part of what OpenTelemetry tells of a process.
      assert.match((container.args ?? []).join(' '), /^services\/\w+\/src\/main\.ts$/);
      assert.equal(container.command, undefined);
    }
  }
});

test('OPS-07 two fronts of a node share the SIP port alone, and each waits for the other before it goes', async () => {
  const values = valueFiles.get('split-front-host-values.yaml') as Given;
  const fronts = processesIn(await objectsOf(helm, values), values).filter(
    ({ isFront }) => isFront,
  );
  assert.deepEqual(
    fronts.map(({ env }) => [env['TANDEM_SIP_PORT_SHARED'], env['TANDEM_SIP_LISTEN']]),
    Array(2).fill(['true', 'udp:10.244.1.7:5060,tcp:10.244.1.7:5060']),
  );
  const admins = fronts.map(({ env }) => env['TANDEM_ADMIN_LISTEN']?.split(':').at(-1));
  const links = fronts.map(({ env }) => env['TANDEM_POD_LISTEN']);
  assert.equal(new Set(admins).size, 2);
  assert.equal(new Set(links).size, 2);
  const awaited = fronts.map(({ container }) => {
    const { lifecycle } = container as unknown as { readonly lifecycle: Lifecycle };
    return lifecycle.preStop.exec?.command.at(-2);
  });
  assert.deepEqual(awaited, admins.toReversed());
  // The scheduler would keep the second one off a node whose port the first one declares.
  for (const { container } of fronts) {
    assert.deepEqual(
      container.ports?.map(({ name }) => name),
      ['admin', 'link'],
    );
  }
});

test('CALL-07 a Service for SIP keeps the addresses of peers, and has each listener with its transport', async () => {
  const values = valueFiles.get('front-nodeport-values.yaml');
  const objects = await objectsOf(helm, values);
  const sip = objects.find(({ metadata: { name } }) => name === 'tandem-sip');
  assert.equal(sip?.spec?.['externalTrafficPolicy'], 'Local');
  assert.equal(sip.spec['sessionAffinity'], undefined);
  assert.deepEqual(
    sip.spec.ports?.map(({ protocol, port, nodePort }) => [protocol, port, nodePort]),
    [
      ['UDP', 5060, 30_060],
      ['TCP', 5060, 30_060],
    ],
  );
});

interface Lifecycle {
  readonly preStop: {
    readonly sleep?: { readonly seconds: number };
    readonly exec?: { readonly command: readonly string[] };
  };
}

interface IngressRule {
  readonly ports: readonly { readonly port: string | number }[];
  readonly from?: readonly {
    readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  }[];
}

/** What no service reads, but every process, or Kubernetes itself. */
const ofEveryProcess = new Set<string>([
  'NODE_ENV',
  'POD_IP',
  'TANDEM_INSTANCE',
  'TANDEM_MODULES',
  ...processVariables,
]);

function processesIn(objects: readonly KubernetesObject[], values: Given): readonly Process[] {
  return processesOf(objects).flatMap((object) => {
    const pod = object.spec?.template?.spec;
    const container = pod?.containers[0];
    if (pod === undefined || container === undefined) return [];
    const env = environmentOf(container, values.network?.ipFamily ?? 'IPv4');
    const isFront = env['TANDEM_EDGE_ROLE'] === 'front';
    return [{ object, pod, container, env, modules: modulesOf(container, env), isFront }];
  });
}

interface Whole {
  readonly objects: readonly KubernetesObject[];
  readonly processes: readonly Process[];
  readonly asker: string;
}

/** The address of a service is a headless Service, and behind that are the pods of the service, on that port. */
function assertLeads(
  env: NodeJS.ProcessEnv,
  asked: ServiceName,
  { objects, processes, asker }: Whole,
): void {
  const { address = '' } = services[asked] as Service;
  const [, host = '', port = ''] =
    /^tandem-([a-z]+)\.telephony\.svc:(\d+)$/.exec(env[address] ?? '') ?? [];
  const service = objects.find(
    ({ kind, metadata: { name } }) => kind === 'Service' && name === `tandem-${host}`,
  );
  assert.equal(service?.spec?.['clusterIP'], 'None', `${asker}: ${address}`);
  const ports = service.spec.ports?.map((each) => [String(each.port), each.targetPort]);
  assert.deepEqual(ports, [[port, 'grpc']]);
  const { selector = {} } = service.spec;
  const behind = processes.filter((each) => isChosen(each, selector));
  assert.equal(behind.length, 1, address);
  for (const { modules, container, env: own } of behind) {
    assert.ok(modules.includes(asked), address);
    assert.match(own['TANDEM_GRPC_LISTEN'] ?? '', new RegExp(`:${port}$`));
    const listens = container.ports?.find(({ name }) => name === 'grpc');
    assert.equal(String(listens?.containerPort), port);
  }
}

function asksOutside(modules: readonly ServiceName[]): readonly ServiceName[] {
  const asked = new Set(modules.flatMap((name) => [...(services[name] as Service).asks]));
  return serviceNames.filter((name) => asked.has(name) && !modules.includes(name));
}

function namesOf(processes: readonly Process[]): readonly string[] {
  return processes.map(({ object }) => object.metadata.name).sort();
}

function isChosen({ object }: Process, selector: Readonly<Record<string, string>>): boolean {
  const labels = object.spec?.template?.metadata.labels ?? {};
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
