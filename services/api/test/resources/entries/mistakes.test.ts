import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { apiWithExample, example } from '../../api-under-test.ts';

const api = await apiWithExample();
after(() => api.server.close());

/** A mistake in a list, with where it is told in the document and in the entry, and what would be right. */
interface Case {
  readonly what: string;
  /** List of the document, and its resource. */
  readonly list: string;
  readonly resource: string;
  readonly entry: object;
  /** Within the entry. */
  readonly path: string;
  readonly right: RegExp;
}

const gateway = { name: 'x', addresses: ['192.0.2.1:5060'], prefixes: ['1'] };
const trunk = (address: string): object => ({
  name: 'x',
  account: 'demo',
  authentication: { mode: 'ip', addresses: [address] },
});
const replacing = (pattern: string): object => ({
  name: 'x',
  rules: [{ number: 'callee', replace: { pattern, by: '' } }],
});
const times = (more: object): object => ({ name: 'x', timeZone: 'UTC', ...more });
const rules = { list: 'numberRules', resource: 'number-rules', path: 'rules[0].replace.pattern' };
const schedules = { list: 'schedules', resource: 'schedules' };
const trunks = { list: 'mappingGateways', resource: 'mapping-gateways', path: 'authentication.addresses[0]' }; // prettier-ignore

// prettier-ignore
const cases: readonly Case[] = [
  { what: 'regular expression', ...rules, entry: replacing('(44'), right: /\(44/ },
  { what: 'regular expression that RE2 has not', ...rules, entry: replacing('(?=4)4'), right: /\(\?=/ },
  { what: 'time of a schedule', ...schedules, entry: times({ open: [{ from: '25:00' }] }), path: 'open[0].from', right: /from "00:00" to "23:59"/ },
  { what: 'date of a schedule', ...schedules, entry: times({ open: [{ dates: ['2026-02-30'] }] }), path: 'open[0].dates[0]', right: /there is no day 2026-02-30/ },
  { what: 'weekday of a schedule', ...schedules, entry: times({ open: [{ weekdays: ['mo'] }] }), path: 'open[0].weekdays[0]', right: /must be sun or mon/ },
  { what: 'time zone', ...schedules, entry: times({ timeZone: 'Europe/Londn' }), path: 'timeZone', right: /Europe\/London/ },
  { what: 'prefix of a gateway', list: 'routingGateways', resource: 'routing-gateways', entry: { ...gateway, prefixes: ['4x'] }, path: 'prefixes[0]', right: /leading digits of a number/ },
  { what: 'prefix of a rate', list: 'rateGroups', resource: 'rate-groups', entry: { name: 'x', currency: 'USD', rates: [{ prefix: 'abc', pricePerMinute: '1' }] }, path: 'rates[0].prefix', right: /leading digits of a number/ },
  { what: 'prefix of a type of call', list: 'callTypes', resource: 'call-types', entry: { name: 'x', prefixes: ['+-1'] }, path: 'prefixes[0]', right: /leading digits of a number/ },
  { what: 'CIDR with too many bits', ...trunks, entry: trunk('192.0.2.0/33'), right: /from 0 to 32/ },
  { what: 'CIDR of an address that is none', ...trunks, entry: trunk('192.0.2.256/32'), right: /such as 192\.0\.2\.0\/24/ },
  { what: 'CIDR of a phone', list: 'phones', resource: 'phones', entry: { username: 'x', account: 'demo', authentication: 'ip', addresses: ['10.0.0.0/x'] }, path: 'addresses[0]', right: /from 0 to 32/ },
];

interface Refused {
  readonly status: number;
  readonly body: { readonly mistakes: readonly { path: string; message: string }[] };
}

for (const { entry, list, path, resource, right, what } of cases) {
  test(`ROUTE-08 ROUTE-10 OPS-01 a wrong ${what} is refused with its path and what would be right, in a document and in an entry`, async () => {
    const before = await api.store.current();
    assert.equal(before?.version, 1);
    const document = await api.ask({ url: '/api/v1/configuration' });
    const entries = (document.body as Record<string, object[]>)[list] ?? [];
    const payload = { ...(document.body as object), [list]: [...entries, entry] };
    const whole: Refused = await api.ask({ method: 'PUT', url: '/api/v1/configuration', payload });
    const one: Refused = await api.ask({ method: 'POST', url: `/api/v1/configuration/${resource}`, payload: entry }); // prettier-ignore
    for (const [answer, at] of [
      [whole, `${list}[${String(entries.length)}].${path}`],
      [one, path],
    ] as const) {
      // prettier-ignore
      assert.equal(answer.status, 422);
      const told = answer.body.mistakes.find((mistake) => mistake.path === at);
      assert.ok(told, JSON.stringify(answer.body.mistakes));
      assert.match(told.message, right);
    }
    assert.deepEqual(await api.store.current(), before);
  });
}

test('OPS-01 the example with one wrong prefix among right entries changes nothing of them', async () => {
  const payload = example
    .replace("prefixes: ['44'], priority: 2", "prefixes: ['44', '4 4'], priority: 2")
    .replace('tandem-demo', 'another-password');
  const headers = { 'content-type': 'application/yaml' };
  const answer: Refused = await api.ask({ method: 'PUT', url: '/api/v1/configuration', payload, headers }); // prettier-ignore
  assert.deepEqual(
    [answer.status, answer.body.mistakes.map(({ path }) => path)],
    [422, ['routingGateways[1].prefixes[1]']],
  );
  assert.equal((await api.store.current())?.version, 1);
});
