// Writes one closed JSON schema a kind, which `kubeconform -strict` reads, out of Kubernetes' own OpenAPI 2 document (the module
// k8s.io/kubernetes carries it as api/openapi-spec/swagger.json):
//
//   node deploy/cluster/schemas.ts SWAGGER FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  required?: string[];
  [keyword: string]: unknown;
}

interface Definition extends Schema {
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

const REFERENCE = '#/definitions/';
// Types that the document calls strings and the API server takes as numbers too.
const NUMBERS_TOO: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    oneOf: [{ type: 'string' }, { type: 'integer' }],
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
};
const LEFT_OUT = new Set(['description', 'format', 'default']);

const [document, folder] = process.argv.slice(2);
if (document === undefined || folder === undefined) {
  console.error('usage: schemas.ts SWAGGER FOLDER');
  process.exit(2);
}
const { definitions } = JSON.parse(readFileSync(document, 'utf8')) as {
  definitions: Record<string, Definition>;
};

/** The schema with every reference replaced by what it names, which takes no property that is not listed. */
function closed(schema: Schema, above: readonly string[]): Schema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(REFERENCE.length);
    const definition = NUMBERS_TOO[name] ?? definitions[name];
    if (definition === undefined) throw new Error(`${document ?? ''}: nothing defines ${name}`);
    if (above.includes(name)) return {}; // only the schemas of CustomResourceDefinitions contain themselves
    return closed(definition, [...above, name]);
  }
  const result: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!LEFT_OUT.has(keyword) && !keyword.startsWith('x-kubernetes')) result[keyword] = value;
  }
  if (schema.properties !== undefined) {
    const entries = Object.entries(schema.properties);
    result.properties = Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        nullable(closed(value, above), schema.required?.includes(key) ?? false),
      ]),
    );
    result.additionalProperties = false;
  } else if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = closed(schema.additionalProperties, above);
  }
  if (schema.items !== undefined) result.items = closed(schema.items, above);
  return result;
}

function nullable(schema: Schema, required: boolean): Schema {
  return required || typeof schema.type !== 'string'
    ? schema
    : { ...schema, type: [schema.type, 'null'] };
}

mkdirSync(folder, { recursive: true });
let written = 0;
for (const [name, definition] of Object.entries(definitions)) {
  if (definition.properties?.['apiVersion'] === undefined) continue;
  for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
    const schema = closed(definition, [name]);
    schema.required = [...new Set([...(schema.required ?? []), 'apiVersion', 'kind'])];
    schema.properties = {
      ...schema.properties,
      apiVersion: { const: group === '' ? version : `${group}/${version}` },
      kind: { const: kind },
    };
    // As kubeconform's KindSuffix has it: the group's first label, then the version.
    const suffix = group === '' ? version : `${group.split('.')[0] ?? ''}-${version}`;
    writeFileSync(join(folder, `${kind}-${suffix}.json`.toLowerCase()), JSON.stringify(schema));
    written++;
  }
}
console.log(`${String(written)} schemas`);
