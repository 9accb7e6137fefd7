import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayWorker } from '../../../src/replay/replay-worker.ts';
import { silentLogger } from '@tandem/service';
import { eventually } from '@tandem/testing';
import { apiWithExample, example, type ApiUnderTest } from '../../api-under-test.ts';
import { headersOf, signedInAs } from '../../operators-under-test.ts';
import { CALLS, portsWithCalls } from '../../replay/replay-calls.ts';

const yaml = { 'content-type': 'application/yaml' };
const cheaper = example.replace("'0.0123'", "'0.01'");
const period = 'from=2026-11-21T10:00:00Z&until=2026-11-21T11:00:00Z';

interface Told {
  readonly id: string;
  readonly state: string;
  readonly detail: string;
  readonly changes: readonly { readonly subject: string }[];
  readonly result: { readonly then: { readonly calls: number } } | null;
}

async function create(
  api: ApiUnderTest,
  query: string,
  payload?: string,
  headers = yaml,
): Promise<{ status: number; body: Told; headers: Record<string, unknown> }> {
  const body = payload === undefined ? {} : { payload, headers };
  return api.ask({ method: 'POST', url: `/api/v1/replays?${query}`, ...body });
}

test('OPS-08 a replay is created from a draft, stored beside the versions, worked on, listed, read and removed', async () => {
  const ports = portsWithCalls();
  const api = await apiWithExample(ports);
  assert.notEqual(cheaper, example);
  const made = await create(api, `${period}&note=cheaper`, cheaper);
  assert.equal(made.status, 202, JSON.stringify(made.body));
  assert.equal(made.headers['location'], `/api/v1/replays/${made.body.id}`);
  assert.equal(made.body.state, 'waiting');
  // Nothing is applied, and passwords are sealed.
  assert.equal((await api.store.current())?.version, 1);
  assert.match(api.replays.drafts.get(made.body.id)?.phones[0]?.password ?? '', /^sealed:/);
  const worker = new ReplayWorker({
    replays: api.replays,
    ports,
    documents: api.store,
    logger: silentLogger(),
    times: { roundMs: 5 },
  });
  worker.start();
  const url = `/api/v1/replays/${made.body.id}`;
  await eventually('it is done', async () => ((await api.ask({ url })).body as Told).state === 'done'); // prettier-ignore
  await worker.stop();
  const told = (await api.ask({ url })).body as Told;
  assert.equal(told.result?.then.calls, CALLS);
  assert.deepEqual(told.changes.map(({ subject }) => subject), ['rate group standard']); // prettier-ignore
  assert.equal(api.replays.drafts.size, 0);
  const csv = await api.ask({ url: '/api/v1/replays?format=csv' });
  assert.match(csv.text, /^id,state,error,note,/);
  assert.match(csv.text, /cheaper/);
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 200);
  assert.equal((await api.ask({ method: 'DELETE', url })).status, 404);
  assert.equal((await api.ask({ url })).status, 404);
  const audit = (await api.ask({ url: '/api/v1/audit' })).body as { entries: { operation: string; subject: string; before: unknown }[] }; // prettier-ignore
  const removed = audit.entries.find(({ operation }) => operation === 'removeReplay');
  assert.match(JSON.stringify(audit.entries), /createReplay/);
  assert.ok(removed);
});

test('OPS-08 a file of calls is awaited, and each of its lines that does not fit is named', async () => {
  const api = await apiWithExample();
  const made = await create(api, 'calls=file&limits=ignore', cheaper);
  assert.deepEqual([made.status, made.body.state], [202, 'awaiting-calls']);
  const put = (payload: string, type = 'text/csv') =>
    api.ask({
      method: 'PUT',
      url: `/api/v1/replays/${made.body.id}/calls`,
      payload,
      headers: { 'content-type': type },
    });
  const wrong = await put('from,callee,at\n1001,,noon\n');
  assert.equal(wrong.status, 422);
  assert.deepEqual(
    (wrong.body as { mistakes: { path: string }[] }).mistakes.map(({ path }) => path).toSorted(),
    ['line 2, at', 'line 2, callee'],
  );
  assert.equal((await put('from,callee\n')).status, 422);
  assert.equal((await put('from,callee\n1,2', 'application/yaml')).status, 415);
  const calls = Array.from({ length: 301 }, (_, at) => `1001,44207946${String(at)}`);
  const right = await put(['from,callee', ...calls].join('\n'));
  assert.deepEqual([right.status, (right.body as Told).state], [202, 'waiting']);
  assert.equal((await api.replays.callsAt(made.body.id, 1))?.length, 1);
  assert.equal((await put('from,callee\n1,2')).status, 409);
});

test('OPS-08 what cannot be replayed is refused with what would be right', async () => {
  const api = await apiWithExample();
  const refused = async (query: string, payload?: string): Promise<[number, string]> => {
    const { body, status } = await create(api, query, payload);
    return [status, body.detail];
  };
  assert.match(
    (await refused(period)).join(),
    /^400,send the draft as the body, or name a version/,
  );
  assert.match((await refused('', cheaper)).join(), /^400,from is not set/);
  assert.match((await refused('calls=file&from=1d', cheaper)).join(), /^400,from and until are of CDRs/); // prettier-ignore
  assert.match((await refused('from=1h&until=2h', cheaper)).join(), /^400,until must be later/);
  assert.match((await refused(`${period}&version=7`)).join(), /^404,there is no version 7/);
  assert.match((await refused(period, 'realm: 1\n')).join(), /^422,1 mistake in the draft; nothing was begun/); // prettier-ignore
  // The version in effect may be a draft, to see what the replay itself changes.
  assert.equal((await create(api, `${period}&version=1`)).status, 202);
  assert.equal((await create(api, period, example)).status, 202);
  for (let more = 2; more < 20; more++) await create(api, `${period}&version=1`);
  assert.match((await refused(`${period}&version=1`)).join(), /^409,20 replays have not ended/);
  const reader = headersOf(await signedInAs(api.operators, 'read-only'));
  const { statusCode } = await api.server.inject({ method: 'POST', url: `/api/v1/replays?${period}&version=1`, headers: reader }); // prettier-ignore
  assert.equal(statusCode, 403);
});
