/**
 * Makes tools/test/chart/schemas: a closed JSON schema of each kind that the chart renders and Kubernetes does not have by itself, out of the
 * CustomResourceDefinitions in the modules of cert-manager and of the Prometheus operator (both Apache-2.0). Needs Go, to fetch them:
 *
 *   node deploy/local/chart/custom-schemas.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const modules = [
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    files: [
      'deploy/crds/cert-manager.io_certificates.yaml',
      'deploy/crds/cert-manager.io_issuers.yaml',
    ],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: [
      'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
      'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
    ],
  },
];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const LEFT_OUT = new Set(['description', 'format', 'default', 'nullable']);
const target = join(import.meta.dirname, '../../../tools/test/chart/schemas');
const folder = mkdtempSync(join(tmpdir(), 'tandem-schemas-'));
try {
  writeFileSync(join(folder, 'go.mod'), 'module schemas\n');
  for (const { module, files } of modules) {
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const told = execFileSync('go', ['mod', 'download', '-json', module], options);
    const { Dir: source } = JSON.parse(told) as { readonly Dir: string };
    for (const file of files)
      write(parse(readFileSync(join(source, file), 'utf8')) as Definition, module);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function write({ spec: { group, names, versions } }: Definition, module: string): void {
  for (const { name, schema } of versions) {
    const [first = ''] = group.split('.');
    const { properties, ...rest } = closed(schema.openAPIV3Schema);
    const whole = {
      $comment: `Made by deploy/local/chart/custom-schemas.ts of ${module}, Apache-2.0.`,
      ...rest,
      // What the API server knows of every object.
      properties: { ...properties, metadata: { type: 'object' } },
    };
    const file = `${names.kind.toLowerCase()}-${first}-${name}.json`;
    writeFileSync(join(target, file), `${JSON.stringify(whole)}\n`);
    console.log(file);
  }
}

/** The schema, where no property may stand that is not listed: what `kubectl apply --validate=strict` refuses. */
function closed(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const entries = Object.entries(schema).filter(
    ([keyword]) => !LEFT_OUT.has(keyword) && !keyword.startsWith('x-kubernetes'),
  );
  const { properties, additionalProperties, items, pattern } = schema;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...Object.fromEntries(entries),
    // As Go writes it, and as JavaScript does.
    ...(typeof pattern === 'string' && { pattern: pattern.replaceAll('(?i)(', '(?i:') }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, each]) => [key, closed(each)]),
      ),
      ...(!isOpen && { additionalProperties: false }),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: closed(additionalProperties),
    }),
    ...(items !== undefined && { items: closed(items) }),
  };
}
