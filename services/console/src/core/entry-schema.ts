/** What a form makes of a JSON schema of the API: every entry of the configuration has one form (ADR 93). */

/** As much of JSON Schema as the API uses for entries. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly (string | number | boolean)[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly $ref?: string;
}

/** How a value is put in. */
export type FieldKind =
  'text' | 'secret' | 'integer' | 'boolean' | 'choice' | 'lines' | 'rows' | 'group' | 'json';

/** One value of an entry. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

const FEW = 8;

/** The values of an object: what must be set, what is set most, then the others in the order of the schema; groups last. */
export function fieldsOf(schema: JsonSchema, most: readonly string[] = []): readonly Field[] {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, of]) => ({
    name,
    kind: kindOf(name, of),
    schema: of,
    isRequired: required.has(name),
  }));
  const rankOf = ({ name, kind, isRequired }: Field): number => {
    if (isRequired) return -1;
    if (most.includes(name)) return most.indexOf(name);
    return most.length + (kind === 'group' ? 1 : 0);
  };
  return fields
    .map((field, index) => ({ field, index }))
    .sort((one, other) => rankOf(one.field) - rankOf(other.field) || one.index - other.index)
    .map(({ field }) => field);
}

/** How a value of this schema is put in; what has no form of its own is written as JSON. */
export function kindOf(name: string, schema: JsonSchema): FieldKind {
  if (schema.enum !== undefined) return 'choice';
  switch (schema.type) {
    case 'string':
      return /password$/i.test(name) ? 'secret' : 'text';
    case 'integer':
    case 'number':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'array':
      return kindOfArray(schema.items ?? {});
    case 'object':
      return schema.properties === undefined ? 'json' : 'group';
    default:
      return 'json';
  }
}

function kindOfArray(items: JsonSchema): FieldKind {
  if (isPlain(items)) return 'lines';
  const columns = Object.values(items.properties ?? {});
  const isTable = columns.length > 0 && columns.length <= FEW && columns.every(isPlain);
  return isTable ? 'rows' : 'json';
}

function isPlain({ type }: JsonSchema): boolean {
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean';
}

/** What stands in a field as a value of its kind; undefined where it is not set. Throws SyntaxError where it is no JSON. */
export function readField(kind: FieldKind, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (kind === 'integer') return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
  if (kind === 'json') return JSON.parse(trimmed) as unknown;
  return text;
}

/** The lines of a text as values of a list. */
export function readLines(text: string, items: JsonSchema): readonly unknown[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // "" is an entry of its own among prefixes: it matches every number.
  const values = lines.map((line) => (line === '""' ? '' : line));
  if (items.type !== 'integer' && items.type !== 'number') return values;
  return values.map((line) => readField('integer', line));
}

/** A list as lines of a text. */
export function writeLines(values: readonly unknown[]): string {
  return values.map((each) => (each === '' ? '""' : String(each))).join('\n');
}
