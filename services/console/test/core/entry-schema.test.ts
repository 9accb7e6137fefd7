import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { entryHref, entryKind, entryKinds } from '../../src/core/entry-kinds.ts';
import {
  fieldsOf,
  kindOf,
  readField,
  readLines,
  writeLines,
  type JsonSchema,
} from '../../src/core/entry-schema.ts';

const described = JSON.parse(
  readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8'),
) as {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};

test('OPS-01 every list of the configuration that the API has is in the menu, with what it is called', () => {
  const listed = Object.keys(described.paths)
    .flatMap((path) => /^\/api\/v1\/configuration\/([a-z-]+)$/.exec(path)?.[1] ?? [])
    .filter((path) => path !== 'versions');
  assert.deepEqual(entryKinds.map(({ path }) => path).sort(), listed.sort());
  for (const { shape, nameField, columns } of entryKinds) {
    const { properties = {} } = described.components.schemas[`Configured${shape}`] ?? {};
    assert.ok(Object.hasOwn(properties, nameField), `${shape} is called by its ${nameField}`);
    const known = [...Object.keys(properties), 'rateCount'];
    assert.deepEqual(
      columns.filter((name) => !known.includes(name)),
      [],
      shape,
    );
  }
  assert.equal(entryKind('phones')?.one, 'phone');
  assert.equal(entryKind('nothing'), undefined);
  assert.equal(entryHref('phones', 'a/b'), '/configuration/phones/a%2Fb');
});

test('OPS-01 what must be set stands first, then what is set most, groups last', () => {
  const schema: JsonSchema = {
    properties: {
      group: { type: 'object', properties: { a: { type: 'string' } } },
      other: { type: 'integer' },
      most: { type: 'string' },
      name: { type: 'string' },
    },
    required: ['name'],
  };
  assert.deepEqual(
    fieldsOf(schema, ['most']).map(({ name }) => name),
    ['name', 'most', 'other', 'group'],
  );
  assert.deepEqual(fieldsOf({}), []);
});

test('OPS-01 each value is put in as its schema says', () => {
  const kinds: readonly (readonly [string, JsonSchema, string])[] = [
    ['lock', { type: 'string', enum: ['none', 'bar-all'] }, 'choice'],
    ['password', { type: 'string' }, 'secret'],
    ['callerId', { type: 'string' }, 'text'],
    ['lineLimit', { type: 'integer' }, 'integer'],
    ['weight', { type: 'number' }, 'integer'],
    ['protect', { type: 'boolean' }, 'boolean'],
    ['prefixes', { type: 'array', items: { type: 'string' } }, 'lines'],
    ['rates', { type: 'array', items: { properties: { prefix: { type: 'string' } } } }, 'rows'],
    ['rules', { type: 'array', items: { properties: { when: { type: 'object' } } } }, 'json'],
    ['any', { type: 'array' }, 'json'],
    ['timers', { type: 'object', properties: {} }, 'group'],
    ['facts', { type: 'object' }, 'json'],
    ['authentication', { oneOf: [] }, 'json'],
  ];
  for (const [name, schema, kind] of kinds) assert.equal(kindOf(name, schema), kind, name);
});

test('OPS-01 what is typed becomes a value of its kind; what is none goes as it is, for the server to name the mistake', () => {
  assert.equal(readField('integer', ' 12 '), 12);
  assert.equal(readField('integer', 'many'), 'many');
  assert.equal(readField('text', '0.0123'), '0.0123');
  assert.equal(readField('text', '  '), undefined);
  assert.deepEqual(readField('json', '{"a": 1}'), { a: 1 });
  assert.throws(() => readField('json', '{'), SyntaxError);
  assert.deepEqual(readLines('44\n\n 49 \n""', { type: 'string' }), ['44', '49', '']);
  assert.deepEqual(readLines('480\nno', { type: 'integer' }), [480, 'no']);
  assert.equal(writeLines(['44', '']), '44\n""');
});
