import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { Call } from '@tandem/proto/edge';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import {
  headersOf,
  signedInAs,
  tokenOf,
  type OperatorOptions,
} from '../../operators-under-test.ts';

interface Told {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream of events until it ends. */
class Reader {
  readonly told: Told[] = [];
  isOver = false;
  readonly #response: Response;
  readonly #stop: AbortController;

  constructor(response: Response, stop: AbortController) {
    this.#response = response;
    this.#stop = stop;
    void this.#readOn().catch(() => undefined);
  }

  get response(): Response {
    return this.#response;
  }

  async #readOn(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.#response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const match = /^event: (.*)\ndata: (.*)$/.exec(part);
          if (match === null) continue;
          const [, event = '', data = ''] = match;
          this.told.push({ event, data: JSON.parse(data) as Record<string, unknown> });
        }
      }
    } finally {
      this.isOver = true;
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await wait(5);
}

/** An API that listens, with calls that a test sets. */
async function listening(context: TestContext, options: OperatorOptions = {}) {
  const state = { calls: [] as Call[], asked: 0, isAway: false };
  const edge = {
    ...emptyPorts().edge,
    listCalls: () => {
      state.asked++;
      if (state.isAway) {
        return Promise.reject(new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'no edge answers'));
      }
      return Promise.resolve({ calls: state.calls, total: state.calls.length });
    },
  };
  const api = await apiUnderTest({ edge }, undefined, { livePeriodMs: 10, ...options });
  const url = await api.server.listen({ host: '127.0.0.1', port: 0 });
  context.after(() => api.server.close());
  const watch = async (query: string, headers: Record<string, string>): Promise<Reader> => {
    const stop = new AbortController();
    const { signal } = stop;
    return new Reader(await fetch(`${url}/api/v1/live?${query}`, { headers, signal }), stop);
  };
  return { api, state, watch };
}

const callOf = (callId: string, state = 'ringing') => Call.create({ callId, state });

test('OPS-02 calls are told as they come, change and go; while nobody looks nothing is asked', async (context) => {
  const { api, state, watch } = await listening(context);
  const headers = headersOf(await signedInAs(api.operators, 'read-only'));
  state.calls = [callOf('a'), callOf('b')];
  assert.equal(state.asked, 0);
  const one = await watch('topics=calls', headers);
  assert.equal(one.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  await until(() => one.told.length === 1);
  const { isWhole, key, rows } = one.told[0]?.data ?? {};
  assert.deepEqual([isWhole, key], [true, 'callId']);
  assert.deepEqual((rows as { callId: string }[]).map(({ callId }) => callId), ['a', 'b']); // prettier-ignore
  state.calls = [callOf('b', 'answered'), callOf('c')];
  await until(() => one.told.length === 2);
  const change = one.told[1]?.data;
  assert.deepEqual((change?.['rows'] as { callId: string }[]).map(({ callId }) => callId), ['b', 'c']); // prettier-ignore
  assert.deepEqual([change?.['isWhole'], change?.['removed'], change?.['total']], [false, ['a'], 2]); // prettier-ignore
  // A second one is told all, and what is asked is asked once for both.
  const two = await watch('topics=calls', headers);
  await until(() => two.told.length === 1);
  assert.equal(two.told[0]?.data['isWhole'], true);
  one.close();
  two.close();
  await until(() => one.isOver && two.isOver);
  let before = -1;
  await until(() => {
    const isQuiet = state.asked === before;
    before = state.asked;
    return isQuiet;
  });
  await wait(100);
  assert.equal(state.asked, before);
});

test('OPS-02 a part of the switch that is away is told once, and all when it is back', async (context) => {
  const { api, state, watch } = await listening(context);
  const headers = headersOf(await signedInAs(api.operators, 'operator'));
  state.calls = [callOf('a')];
  const reader = await watch('topics=calls', headers);
  await until(() => reader.told.length === 1);
  state.isAway = true;
  await until(() => reader.told.length === 2);
  const asked = state.asked;
  await until(() => state.asked > asked + 3);
  state.isAway = false;
  await until(() => reader.told.length === 3);
  assert.deepEqual(reader.told.map(({ event }) => event), ['calls', 'problem', 'calls']); // prettier-ignore
  assert.match(String(reader.told[1]?.data['detail']), /no edge answers/);
  assert.equal(reader.told[2]?.data['isWhole'], true);
  reader.close();
});

test('OPS-12 a stream ends with the session, with the token, and with the user’s right', async (context) => {
  const { api, watch } = await listening(context, { signOfLifeMs: 20 });
  const session = await signedInAs(api.operators, 'operator', 'alice');
  const byCookie = await watch('topics=calls', { cookie: headersOf(session)['cookie'] ?? '' });
  const token = await tokenOf(api.operators, session.operator);
  const byToken = await watch('topics=calls', { authorization: `Bearer ${token}` });
  await until(() => byCookie.told.length > 0 && byToken.told.length > 0);
  await api.operators.store.endSession(session.session.id);
  await until(() => byCookie.isOver);
  assert.deepEqual(byCookie.told.at(-1), { event: 'end', data: { reason: 'session-ended' } });
  assert.equal(byToken.isOver, false);
  await api.operators.store.change('alice', (before) => ({ ...before, isDisabled: true }));
  await until(() => byToken.isOver);
  assert.equal(byToken.told.at(-1)?.event, 'end');
});

test('OPS-02 a stream tells that the pod stops, and does not keep it from stopping', async (context) => {
  const { api, watch } = await listening(context);
  const reader = await watch('topics=calls,status', headersOf(await signedInAs(api.operators, 'billing'))); // prettier-ignore
  await until(() => reader.told.length >= 2);
  await api.server.close();
  await until(() => reader.isOver);
  assert.deepEqual(reader.told.at(-1), { event: 'end', data: { reason: 'stopping' } });
});

test('OPS-01 topics that there are none of, and too many streams, are refused', async (context) => {
  const { api, watch } = await listening(context);
  const headers = headersOf(await signedInAs(api.operators, 'operator'));
  const wrong = await watch('topics=calls,weather', headers);
  assert.equal(wrong.response.status, 400);
  assert.equal((await watch('topics=calls', {})).response.status, 401);
  const many = await Promise.all(Array.from({ length: 30 }, () => watch('topics=calls', headers)));
  assert.ok(many.every(({ response }) => response.status === 200));
  const refused = await watch('topics=calls', headers);
  assert.deepEqual([refused.response.status, refused.response.headers.get('retry-after')], [429, '5']); // prettier-ignore
  for (const each of many) each.close();
});
