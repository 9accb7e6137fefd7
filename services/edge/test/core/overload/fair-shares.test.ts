import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FairShares, fairShare } from '../../../src/core/overload/fair-shares.ts';

/** Sources that send so many calls a second each, for some seconds; what was admitted of each, a second, in the last one. */
function run(
  senders: readonly {
    readonly name: string;
    readonly isKnown: boolean;
    readonly perSecond: number;
  }[],
  { perSecond, unknownShare = 10 }: { perSecond: number; unknownShare?: number },
): Map<string, number> {
  const shares = new FairShares();
  const admitted = new Map<string, number>();
  const due = new Map<string, number>();
  for (let tick = 0; tick < 100; tick++) {
    for (const { name, isKnown, perSecond: sent } of senders) {
      const total = (due.get(name) ?? 0) + sent / 10;
      const whole = Math.floor(total);
      due.set(name, total - whole);
      for (let call = 0; call < whole; call++) {
        const isAdmitted = shares.draw(name, isKnown) === 'admitted';
        if (isAdmitted && tick >= 50) admitted.set(name, (admitted.get(name) ?? 0) + 1 / 5);
      }
    }
    shares.tick(100, {
      perSecond: tick < 10 ? Infinity : perSecond,
      strangersPerSecond: Infinity,
      unknownShare,
    });
  }
  return admitted;
}

test('CALL-11 whoever wants no more than an equal share has it, the others share the rest', () => {
  assert.equal(fairShare([10, 20, 30], 100), Infinity);
  assert.equal(fairShare([10, 100, 200], 110), 50);
  assert.equal(fairShare([100, 100], 50), 25);
  assert.equal(fairShare([], 10), Infinity);
  assert.equal(fairShare([5], 0), 0);
});

test('CALL-11 no share is larger than what is there, and none of it is left while somebody wants it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.1, max: 5000, noNaN: true }),
      (demands, total) => {
        const each = fairShare(demands, total);
        const used = demands.reduce((sum, demand) => sum + Math.min(demand, each), 0);
        assert.ok(used <= total * (1 + 1e-9));
        if (each !== Infinity) assert.ok(used >= total * (1 - 1e-9));
      },
    ),
  );
});

test('CALL-11 one trunk that sends ten times as much as there is starves no other', () => {
  const admitted = run(
    [
      { name: 'flood', isKnown: true, perSecond: 2000 },
      { name: 'small', isKnown: true, perSecond: 20 },
      { name: 'medium', isKnown: true, perSecond: 60 },
    ],
    { perSecond: 200 },
  );
  assert.ok((admitted.get('small') ?? 0) > 19.5, String(admitted.get('small')));
  assert.ok((admitted.get('medium') ?? 0) > 58, String(admitted.get('medium')));
  const flood = admitted.get('flood') ?? 0;
  assert.ok(flood > 100 && flood < 135, String(flood));
});

test('CALL-11 who has proved himself goes before a thousand strangers, who keep their part', () => {
  const strangers = Array.from({ length: 1000 }, (_, at) => ({
    name: `198.51.100.${String(at)}`,
    isKnown: false,
    perSecond: 2,
  }));
  const admitted = run([...strangers, { name: 'trunk', isKnown: true, perSecond: 150 }], {
    perSecond: 200,
  });
  assert.ok((admitted.get('trunk') ?? 0) > 147, String(admitted.get('trunk')));
  const others = [...admitted].reduce(
    (sum, [name, rate]) => sum + (name === 'trunk' ? 0 : rate),
    0,
  );
  assert.ok(others > 15 && others < 60, String(others));
});

test('CALL-11 more sources than can be told apart are one', () => {
  const shares = new FairShares();
  for (let at = 0; at < 10_000; at++) shares.draw(`10.0.${String(at)}`, false);
  shares.tick(100, { perSecond: 100, strangersPerSecond: Infinity, unknownShare: 10 });
  assert.ok(shares.largest(10_000).length <= 4097);
  assert.equal(shares.largest(1)[0]?.name, '*');
  assert.equal(shares.source('10.0.1')?.isKnown, false);
});

test('CALL-11 while there is no limit everybody is admitted, and a limit that goes leaves nothing behind', () => {
  const shares = new FairShares();
  for (let at = 0; at < 1000; at++) assert.equal(shares.draw('a', true), 'admitted');
  shares.tick(100, { perSecond: 10, strangersPerSecond: Infinity, unknownShare: 10 });
  assert.equal(shares.share(true), 10);
  for (let at = 0; at < 1000; at++) shares.draw('a', true);
  assert.equal(shares.draw('a', true), 'share');
  shares.tick(100, { perSecond: Infinity, strangersPerSecond: Infinity, unknownShare: 10 });
  assert.equal(shares.draw('a', true), 'admitted');
  assert.equal(shares.source('a')?.refused, 0);
  for (let at = 0; at < 200; at++)
    shares.tick(100, { perSecond: Infinity, strangersPerSecond: Infinity, unknownShare: 10 });
  assert.equal(shares.source('a'), undefined, 'who sends nothing is forgotten');
});
