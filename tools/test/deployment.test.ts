import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { serviceNames, services, type Service, type ServiceName } from '@tandem/config';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');

/** Packages that compose services, or are served by one, and are none. */
const compositions = ['pod', 'allinone', 'console'];

interface ComposeService {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function listOf(name: ServiceName): Service {
  return services[name];
}

test('OPS-05 every package in services is in the list of services, and the other way round', () => {
  const packages = globSync('services/*/package.json', { cwd: root }).map((file) => {
    const { name } = JSON.parse(read(file)) as { readonly name: string };
    assert.equal(dirname(file), `services/${name.replace('@tandem/', '')}`);
    return name.replace('@tandem/', '');
  });
  assert.deepEqual(packages.sort(), [...serviceNames, ...compositions].sort());
});

test('OPS-05 the image has the packages of every workspace, and every service with its compiled code', () => {
  const dockerfile = read('deploy/docker/Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map(
    ([, folder]) => folder,
  );
  const { workspaces } = JSON.parse(read('package.json')) as {
    readonly workspaces: readonly string[];
  };
  const folders = globSync(
    workspaces.map((each) => `${each}/package.json`),
    { cwd: root },
  );
  assert.deepEqual(copied.sort(), folders.map((file) => dirname(file)).sort());
  const run = [...serviceNames, 'pod'].sort();
  const installed = [...dockerfile.matchAll(/-w services\/(\S+)/g)].map(([, name]) => name);
  // The console is built in a stage of its own, and served by the api.
  assert.deepEqual(installed.sort(), [...run, 'console'].sort());
  assert.match(
    dockerfile,
    /^COPY --from=console \/tandem\/services\/console\/dist services\/console\/dist$/m,
  );
  // A builder image needs node and npm alone, and npm runs what the console's package says.
  assert.match(dockerfile, /^RUN npm --workspace services\/console run build$/m);
  assert.doesNotMatch(dockerfile, /^RUN.*\bnpx\b/m);
  const { scripts } = JSON.parse(read('services/console/package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  assert.equal(scripts['build'], 'vite build');
  const compiled = /for service in (.*); do/.exec(dockerfile)?.[1]?.split(' ');
  assert.deepEqual(compiled?.sort(), run);
});

test('OPS-07 the image runs as a numbered user, who makes the compiled code that he will find', () => {
  const lines = read('deploy/docker/Dockerfile').split('\n');
  const last = lines.findLastIndex((line) => line.startsWith('FROM '));
  const at = (start: string): number =>
    lines.findIndex((line, index) => index > last && line.startsWith(start));
  // Kubernetes cannot see that a name is not root's; Node keeps compiled code apart for each user.
  const user = at('USER 1000:1000');
  assert.ok(user > last);
  assert.ok(at('RUN for service in ') > user);
  assert.equal(lines.filter((line) => line.startsWith('USER ')).length, 1);
  const ignored = read('deploy/docker/Dockerfile.dockerignore').split('\n');
  for (const pattern of ['**/test', '**/*.md', '**/node_modules'])
    assert.ok(ignored.includes(pattern));
});

test('OPS-05 compose.yaml runs every service, each on its ports and told of the others', () => {
  const document = parse(read('deploy/docker/compose.yaml'), { merge: true }) as {
    readonly services: Readonly<Record<string, ComposeService>>;
  };
  const others = ['redis', 'postgres', 'kafka', 'key'];
  assert.deepEqual(Object.keys(document.services).sort(), [...serviceNames, ...others].sort());
  for (const name of serviceNames) {
    const { command, environment = {} } = document.services[name] ?? {};
    const { ports, settings, asks } = listOf(name);
    assert.deepEqual(command, [`services/${name}/src/main.ts`]);
    assert.equal(environment['TANDEM_ADMIN_LISTEN'], `127.0.0.1:${String(ports.admin)}`, name);
    const listens = ports.grpc === undefined ? undefined : `127.0.0.1:${String(ports.grpc)}`;
    assert.equal(environment['TANDEM_GRPC_LISTEN'], listens, name);
    if (ports.http !== undefined)
      assert.match(
        String(environment['TANDEM_API_LISTEN']),
        new RegExp(`:${String(ports.http)}}$`),
      );
    if (ports.sip !== undefined)
      assert.match(String(environment['TANDEM_SIP_LISTEN']), new RegExp(`:${String(ports.sip)}}$`));
    for (const asked of asks) {
      const { address = '', ports: at } = listOf(asked as ServiceName);
      assert.equal(environment[address], `127.0.0.1:${String(at.grpc)}`, `${name} asks ${asked}`);
    }
    const known = new Set<string>([...settings, ...Object.keys(shared(document.services))]);
    const stray = Object.keys(environment).filter((variable) => !known.has(variable));
    assert.deepEqual(stray, [], `${name} does not read these`);
  }
});

/** What all services are given, whether they read it or not. */
function shared(all: Readonly<Record<string, ComposeService>>): Readonly<Record<string, string>> {
  const [first = {}, ...rest] = serviceNames.map((name) => all[name]?.environment ?? {});
  const names = Object.keys(first).filter((name) => rest.every((each) => name in each));
  return Object.fromEntries(names.map((name) => [name, String(first[name])]));
}
