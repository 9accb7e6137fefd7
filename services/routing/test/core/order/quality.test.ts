import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QualityNote } from '@tandem/limits';
import { AnalyseRequest } from '@tandem/proto/routing';
import { LiveQuality } from '../../../src/core/live-quality.ts';
import { Router } from '../../../src/router.ts';
import { configure, factsAbout, gateway, namesOf, NOON, openRouter, request, tablesOf, trunk } from '../../routing-fixture.ts'; // prettier-ignore

type Figures = Partial<QualityNote> & Pick<QualityNote, 'gateway'>;

function note({ gateway: name, prefix, ...more }: Figures): QualityNote {
  const figures = { attempts: 100, answered: 60, failed: 0, talkMs: 60 * 60_000, postDials: 80, postDialMs: 80 * 2500 }; // prettier-ignore
  return { gateway: name, prefix, ...figures, ...more };
}

async function open(
  notes: readonly QualityNote[],
  { policy = {}, parameters = {} }: { policy?: object; parameters?: object } = {},
) {
  const { limits } = await openRouter();
  const names = ['a', 'b', 'c'];
  const tables = tablesOf(
    configure({
      parameters,
      routePolicies: [{ name: 'best', order: 'quality', ...policy }],
      routePolicy: 'best',
      routingGateways: names.map((name) => gateway(name, ['44'])),
    }),
  );
  const quality = new LiveQuality(3600, [{ bucket: 0, notes }]);
  let draw = 0.5;
  const rests = { current: new Map(), begin: () => Promise.resolve(), end: () => Promise.resolve(false), list: () => Promise.resolve([]) }; // prettier-ignore
  const router = new Router({
    tables: () => tables,
    lines: limits.lines,
    rests,
    quality: () => quality,
    now: () => NOON,
    random: () => draw,
  });
  const order = async (at = 0.5) => {
    draw = at;
    return namesOf(await router.route(request(`c${String(at)}`))).join(' ');
  };
  return { router, order };
}

test('ROUTE-04 order: quality: who answers more comes first, then who talks longer, then who rings sooner', async () => {
  const all = (of: Record<string, Partial<QualityNote>>) =>
    open(Object.entries(of).map(([name, more]) => note({ gateway: name, prefix: '44', ...more })));
  const byAnswers = await all({ a: { answered: 40 }, b: { answered: 70 }, c: {} });
  assert.equal(await byAnswers.order(), 'b c a');
  const byTalk = await all({ a: {}, b: { talkMs: 60 * 30_000 }, c: { talkMs: 60 * 90_000 } });
  assert.equal(await byTalk.order(), 'c a b');
  const byRinging = await all({ a: { postDials: 0, postDialMs: 0 }, b: {}, c: { postDialMs: 80_000 } }); // prettier-ignore
  assert.equal(await byRinging.order(), 'c b a');
  // What hardly differs is equal: the next figure decides.
  const near = await all({ a: { answered: 60 }, b: { answered: 64, talkMs: 0 }, c: { answered: 59 } }); // prettier-ignore
  assert.equal(await near.order(), 'a b c');
});

test('ROUTE-04 a policy says which figures decide', async () => {
  const notes = [
    note({ gateway: 'a', prefix: '44', answered: 90 }),
    note({ gateway: 'b', prefix: '44', postDialMs: 8000 }),
    note({ gateway: 'c', prefix: '44', postDialMs: 800_000 }),
  ];
  const { order } = await open(notes, { policy: { quality: ['pdd'] } });
  assert.equal(await order(), 'b a c');
});

test('ROUTE-04 too few calls say nothing: those of all prefixes do, else it is last, but for some calls that find out', async () => {
  const notes = [
    note({ gateway: 'a', prefix: '44', attempts: 19, answered: 19 }),
    note({ gateway: 'a', prefix: undefined, attempts: 19, answered: 19 }),
    note({ gateway: 'b', prefix: '44', attempts: 19, answered: 0 }),
    note({ gateway: 'b', prefix: undefined, attempts: 500, answered: 100 }),
    note({ gateway: 'c', prefix: '44', attempts: 20, answered: 10 }),
  ];
  const { order, router } = await open(notes);
  assert.equal(await order(0.05), 'c b a');
  assert.equal(await order(0.049), 'a c b');
  const asked = AnalyseRequest.fromPartial({ origin: trunk, caller: '1001', callee: '442079460000' }); // prettier-ignore
  const decisions = (await router.analyse(asked)).route?.decisions ?? [];
  const textOf = (name: string) => factsAbout(decisions, `routing-gateway ${name}`)['quality'];
  assert.equal(textOf('a'), 'not known (19 attempts of 20 that it takes)');
  assert.match(textOf('b') ?? '', /^ASR 20 %, ACD .* s, PDD 2\.5 s of 500 attempts \(all prefixes\)$/); // prettier-ignore
  assert.match(textOf('c') ?? '', /^ASR 50 %, ACD 360 s, PDD 2\.5 s of 20 attempts \(prefix 44\)$/);
  const none = await open(notes, { parameters: { SS_GATEWAY_QUALITY_CALLS: 19, SS_GATEWAY_QUALITY_TRIAL: 0 } }); // prettier-ignore
  assert.equal(await none.order(0), 'a c b');
});

test('ROUTE-04 while nothing is known of anybody the cheapest is first, then by name', async () => {
  const { order } = await open([]);
  assert.equal(await order(0), 'a b c');
});
