import { serviceNames, type ServiceName } from '@tandem/config';
import { TlsFiles } from '@tandem/testing';
import type { Container, Variable } from './objects.ts';

const addresses = { IPv4: '10.244.1.7', IPv6: 'fd00:10:244::7' } as const;

/** What Secrets with URLs hold, by key. */
const secrets: Readonly<Record<string, string>> = {
  'redis-url': 'redis://redis:6379',
  redis: 'redis://redis:6379',
  'postgres-url': 'postgres://tandem@postgres:5432/tandem',
  postgres: 'postgres://tandem@postgres:5432/tandem',
};

/** Certificates and passwords are read when settings are: what Secrets hold, in one folder. */
const certificates = new TlsFiles({ after: (remove) => process.on('exit', remove) });
certificates.write('tls', certificates.issue({ domains: ['tandem'] }));
certificates.put('password', 'open-sesame');
const mounted = certificates.put('ca.crt', certificates.ca.pem).replace(/\/ca\.crt$/, '');

/** The environment that Kubernetes would give a container, with what is mounted of certificates in a folder of the test's. */
export function environmentOf(
  { env = [] }: Container,
  family: keyof typeof addresses,
): NodeJS.ProcessEnv {
  const values: Record<string, string> = { NODE_ENV: 'production' };
  for (const variable of env) {
    const text = textOf(variable, addresses[family]);
    // $(NAME) stands for a variable before it.
    values[variable.name] = text
      .replace(/\$\((\w+)\)/g, (_, name: string) => values[name] ?? `$(${name})`)
      .replace(/\/etc\/tandem\/(?:tls|kafka-[a-z]+)(?=\/)/, mounted);
  }
  return values;
}

function textOf({ name, value, valueFrom }: Variable, address: string): string {
  if (value !== undefined) return value;
  const field = valueFrom?.fieldRef?.fieldPath;
  if (field === 'status.podIP') return address;
  if (field === 'metadata.name') return 'tandem-edge-6c5f7d9b8-x2x4z';
  const key = valueFrom?.secretKeyRef?.key ?? '';
  const secret = secrets[key];
  if (secret === undefined) throw new Error(`${name} has neither a value nor a known source`);
  return secret;
}

/** The services of a container, by its command and TANDEM_MODULES. */
export function modulesOf(container: Container, env: NodeJS.ProcessEnv): readonly ServiceName[] {
  const [, program = ''] = /^services\/(\w+)\/src\/main\.ts$/.exec(container.args?.[0] ?? '') ?? [];
  const names = program === 'pod' ? (env['TANDEM_MODULES'] ?? '').split(',') : [program];
  return serviceNames.filter((name) => names.includes(name));
}
