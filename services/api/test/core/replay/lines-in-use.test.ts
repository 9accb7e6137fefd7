import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinesInUse, type Claim } from '../../../src/core/replay/lines-in-use.ts';
import { claim } from './replay-fixture.ts';

interface Asked {
  readonly atMs: number;
  readonly lastsMs: number;
  readonly claims: readonly Claim[];
}

/** All calls that were taken, looked through each time. */
class PlainLines {
  readonly #taken: { readonly atMs: number; readonly endMs: number; readonly claims: readonly Claim[] }[] = []; // prettier-ignore
  readonly peaks = new Map<string, number>();

  take({ atMs, claims, lastsMs }: Asked): boolean {
    const inUse = (key: string): number =>
      this.#taken.filter((each) => each.endMs > atMs && each.claims.some((own) => own.key === key && !own.perSecond)).length; // prettier-ignore
    const lately = (key: string): number =>
      this.#taken.filter((each) => each.atMs > atMs - 1000 && each.claims.some((own) => own.key === key)).length; // prettier-ignore
    for (const { key, limit, perSecond, reserved } of claims) {
      if (limit === 0) continue;
      if (perSecond ? lately(key) >= limit : limit - inUse(key) < Math.max(1, reserved)) return false; // prettier-ignore
    }
    this.#taken.push({ atMs, endMs: atMs + lastsMs, claims });
    for (const { key, perSecond } of claims) {
      if (!perSecond) this.peaks.set(key, Math.max(this.peaks.get(key) ?? 0, inUse(key)));
    }
    return true;
  }
}

const anyClaims = fc
  .uniqueArray(
    fc.record({
      key: fc.constantFrom('account:a', 'routing-gateway:b', 'group:c'),
      limit: fc.integer({ min: 0, max: 4 }),
      perSecond: fc.boolean(),
      reserved: fc.integer({ min: 0, max: 2 }),
    }),
    { selector: ({ key, perSecond }) => `${key} ${String(perSecond)}`, maxLength: 4 },
  )
  .map((claims) => claims.map((each) => (each.perSecond ? { ...each, reserved: 0 } : each)));

const anyCalls = fc
  .array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 5000 }),
      lastsMs: fc.integer({ min: 1, max: 3000 }),
      claims: anyClaims,
    }),
    { maxLength: 40 },
  )
  .map((calls) => calls.toSorted((a, b) => a.atMs - b.atMs));

test('OPS-08 ROUTE-05 ROUTE-15 lines and calls per second are those that a look at all calls finds, also where it was kept in between', () => {
  fc.assert(
    fc.property(anyCalls, fc.nat(40), (calls, keptAt) => {
      const plain = new PlainLines();
      let lines = new LinesInUse(true);
      for (const [at, { atMs, claims, lastsMs }] of calls.entries()) {
        if (at === keptAt) lines = new LinesInUse(true, JSON.parse(JSON.stringify(lines.state())) as ReturnType<LinesInUse['state']>); // prettier-ignore
        lines.goTo(atMs);
        const isFree = lines.full(claims, atMs) === undefined;
        if (isFree) lines.take(claims, atMs, atMs + lastsMs);
        assert.equal(isFree, plain.take({ atMs, claims, lastsMs }), `call ${String(at)}`);
      }
      for (const [key, peak] of plain.peaks) assert.equal(lines.figures().get(key)?.peak, peak);
    }),
    { numRuns: 500 },
  );
});

test('OPS-08 without limits what is needed is counted: lines at once, and calls within any second', () => {
  const lines = new LinesInUse(false);
  const claims = [claim('account:demo', 1), claim('account:demo', 1, true)];
  for (const atMs of [0, 400, 900, 1000, 1300]) {
    lines.goTo(atMs);
    assert.equal(lines.full(claims, atMs), undefined);
    lines.take(claims, atMs, atMs + 950);
  }
  const { limit, peak, peakAtMs, rateLimit, ratePeak } = lines.figures().get('account:demo') ?? {};
  // At 1300 those of 400, 900, 1000 and 1300 go on, and began within a second.
  assert.deepEqual([limit, rateLimit, peak, peakAtMs, ratePeak], [1, 1, 4, 1300, 4]);
});
