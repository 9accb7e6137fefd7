import { z } from 'zod';
import { configurationSchema } from './document.ts';
import { formatPath, type Mistake } from './mistake.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Says in an operator's words what the schema found; one unknown key is one mistake. */
export function describeIssue(issue: Issue): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => ({
      path: formatPath([...issue.path, key]),
      message: unknownKey(key, known),
    }));
  }
  return [{ path: formatPath(issue.path), message: messageOf(issue) }];
}

function unknownKey(key: string, known: readonly string[]): string {
  // Of a union all keys are known, but only some go together.
  if (known.includes(key)) return 'does not go with this mode: remove it';
  return `is not known${didYouMean(key, known) || `; known here: ${known.join(', ')}`}`;
}

function messageOf(issue: Issue): string {
  const field = String(issue.path.at(-1) ?? '');
  const written = shown(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      return invalidType(issue, written);
    case 'invalid_value':
      return invalidValue(issue, field, written);
    case 'invalid_union':
      return unionMessage(issue);
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, written);
    case 'invalid_format':
      return issue.format === 'datetime'
        ? `is ${written}, must be a time in UTC such as 2030-01-01T00:00:00Z`
        : `is ${written}, ${issue.message}`;
    default:
      return issue.message;
  }
}

function invalidType(issue: z.core.$ZodIssueInvalidType, written: string): string {
  const wanted = wantedAt(issue.path, issue.expected);
  if (issue.input === undefined) return `is missing: it must be ${wanted}`;
  if (issue.expected === 'string' && typeof issue.input === 'number') {
    const example = issue.path.at(-1) === 'password' ? '' : `, '${String(issue.input)}'`;
    return `is a number, must be text: write it in quotes${example}`;
  }
  return `is ${written}, must be ${wanted}`;
}

function invalidValue(issue: z.core.$ZodIssueInvalidValue, field: string, written: string): string {
  const values = issue.values.map(String);
  if (field === 'protocol') {
    return `is ${written}: only SIP is spoken here, H.323 is not supported; remove it or write sip`;
  }
  if (issue.input === undefined) return `is missing: it must be ${values.join(' or ')}`;
  const hint = typeof issue.input === 'string' ? didYouMean(issue.input, values) : '';
  return `is ${written}, must be ${values.join(' or ')}${hint}`;
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  switch (issue.path.at(-1)) {
    case 'mode':
      return 'must be ip, ip-port or password';
    case 'expires':
      return expiresMessage(issue);
    default:
      return 'must be a number, true, false, On or Off';
  }
}

/** Of a registration with a carrier (REG-08). */
function expiresMessage({ input }: Issue): string {
  return `is ${shown(input)}, must be auto or a whole number from 20 to 7200`;
}

function outOfRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  written: string,
): string {
  if (issue.path.at(-1) === 'expires') return expiresMessage(issue);
  if (issue.origin === 'array') {
    return issue.code === 'too_big'
      ? `must have at most ${String(issue.maximum)} entries`
      : 'must have at least one entry';
  }
  const schema = schemaAt(issue.path);
  const bounds = schema instanceof z.ZodNumber ? schema : undefined;
  return `is ${written}, must be from ${String(bounds?.minValue)} to ${String(bounds?.maxValue)}`;
}

/** What a field must be: its own description, or the kind of value. */
function wantedAt(path: Path, expected: string): string {
  const schema = schemaAt(path);
  if (schema instanceof z.ZodString && schema.description !== undefined) return schema.description;
  if (schema instanceof z.ZodNumber) {
    return `a whole number from ${String(schema.minValue)} to ${String(schema.maxValue)}`;
  }
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a block of keys and values',
    record: 'a block of keys and values',
    boolean: 'true or false',
    string: 'text',
    int: 'a whole number',
  };
  return kinds[expected] ?? expected;
}

function keysAt(path: Path): string[] {
  const schema = schemaAt(path);
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (!(schema instanceof z.ZodUnion)) return [];
  const keys = schema.options.flatMap((option) =>
    option instanceof z.ZodObject ? Object.keys(option.shape) : [],
  );
  return [...new Set(keys)];
}

/** The schema of a place in the document, without the wrapper that gives its default. */
function schemaAt(path: Path): unknown {
  let schema: unknown = configurationSchema;
  for (const step of path) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[String(step)];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else return undefined;
  }
  return unwrap(schema);
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

/** What was written; of lists and blocks only that, since a password may stand in them. */
function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a block of keys and values';
  const text = input === undefined ? 'nothing' : JSON.stringify(input);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
