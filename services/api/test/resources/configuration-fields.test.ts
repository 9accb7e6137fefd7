import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryResources } from '../../src/resources/entries/entry-resources.ts';
import { apiUnderTest, apiWithExample } from '../api-under-test.ts';

interface Shape {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

interface Description {
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

/** The shapes of the description by name, or by what refers to them. */
async function describedShapes() {
  const { server } = await apiUnderTest();
  const { components } = server.swagger() as unknown as Description;
  await server.close();
  const named = (name: string): Shape => components.schemas[name] ?? assert.fail(`no ${name}`);
  const referred = (shape: Shape): Shape =>
    shape.$ref === undefined ? shape : named(shape.$ref.slice('#/components/schemas/'.length));
  return { named, referred };
}

type Referred = Awaited<ReturnType<typeof describedShapes>>['referred'];

/** Every field of a shape with the fields within, such as `identity.headers`. */
function fieldsOf(shape: Shape, referred: Referred, at = ''): string[] {
  const { anyOf = [], items, oneOf = [], properties = {} } = referred(shape);
  const own = Object.entries(properties).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return [path, ...fieldsOf(inner, referred, path)];
  });
  const inner = [...anyOf, ...oneOf, ...(items === undefined ? [] : [items])];
  return [
    ...new Set([...own, ...inner.flatMap((each) => fieldsOf(each, referred, at))]),
  ].toSorted();
}

test('OPS-11 every field that an entry has in the document it has as a resource, and in the list', async () => {
  const { named, referred } = await describedShapes();
  const { properties: document = {} } = named('Configuration');
  for (const { list, title } of entryResources) {
    const fields = fieldsOf(document[list.place]?.items ?? {}, referred);
    assert.ok(fields.length > 1, list.place);
    assert.deepEqual(fieldsOf(named(`Configured${title}`), referred), fields, list.place);
    const { properties: page = {} } = named(`Configured${title}List`);
    const listed = fieldsOf(page['entries'] ?? {}, referred);
    // A million rates are not listed, but counted.
    const missing = fields.filter((field) => !listed.includes(field) && !/^rates\b/.test(field));
    assert.deepEqual(missing, [], list.place);
  }
});

test('OPS-11 every list of the document is a resource', async () => {
  const { named, referred } = await describedShapes();
  const places = entryResources.map(({ list }) => list.place as string);
  const { properties = {} } = named('Configuration');
  const lists = Object.entries(properties).filter(([, { items }]) => {
    const { properties: fields = {} } = referred(items ?? {});
    return Object.hasOwn(fields, 'name') || Object.hasOwn(fields, 'username');
  });
  assert.deepEqual(lists.map(([name]) => name).toSorted(), places.toSorted());
});

/** What says which calls an account may make, and how: nothing that its balance is read beside. */
const ofTheEntryAlone = [
  'callTypes',
  'callerId',
  'certificate',
  'highestPricePerMinute',
  'invoicing',
  'lists',
  'lowestProfit',
  'numberRules',
  'numbers',
  'openingBalance',
  'routePolicy',
];

test('OPS-11 BILL-10 an account with its balance has all terms that go with money and limits', async () => {
  const { named } = await describedShapes();
  const { properties: configured = {} } = named('ConfiguredAccount');
  const { properties: told = {} } = named('Account');
  const missing = Object.keys(configured).filter((field) => !Object.hasOwn(told, field));
  assert.deepEqual(missing.toSorted(), ofTheEntryAlone);
});

test('OPS-11 BILL-10 what an account has of them is told', async () => {
  const api = await apiWithExample();
  const url = '/api/v1/configuration/accounts/demo';
  const terms = { minimumBalance: '5.50', billing: 'postpaid', timeZone: 'Europe/Lisbon', callsPerSecond: 7 }; // prettier-ignore
  assert.equal((await api.ask({ method: 'PATCH', url, payload: terms })).status, 200);
  const { body } = await api.ask({ url: '/api/v1/accounts/demo' });
  const { billing, callsPerSecond, minimumBalance, timeZone } = body as Record<string, unknown>;
  assert.deepEqual({ minimumBalance, billing, timeZone, callsPerSecond }, terms);
  await api.server.close();
});

test('OPS-11 BILL-02 in the list a rate group says that its rates are a sheet', async () => {
  const api = await apiWithExample();
  const group = { name: 'imported', currency: 'USD', sheet: true };
  const url = '/api/v1/configuration/rate-groups';
  assert.equal((await api.ask({ method: 'POST', url, payload: group })).status, 200);
  const { body } = await api.ask({ url: `${url}?search=imported` });
  assert.deepEqual((body as { entries: unknown }).entries, [{ ...group, rateCount: 0 }]);
  await api.server.close();
});
