import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayQualities, QualityNote } from '../src/index.ts';

export function noteOf(
  gateway: string,
  prefix?: string,
  more: Partial<QualityNote> = {},
): QualityNote {
  const figures = {
    attempts: 1,
    answered: 1,
    failed: 0,
    talkMs: 60_000,
    postDials: 1,
    postDialMs: 1500,
  };
  return { gateway, prefix, ...figures, ...more };
}

/** What every store of live quality does. */
export function qualityContract(name: string, open: () => GatewayQualities): void {
  test(`ROUTE-04 ${name}: figures of a gateway and of its prefixes add up, also those of several pods at once`, async () => {
    const qualities = open();
    const many = Array.from({ length: 50 }, () => [
      noteOf('a'),
      noteOf('a', '44'),
      noteOf('a', ''),
    ]);
    await Promise.all(many.map((notes) => qualities.add(notes)));
    await qualities.add([
      noteOf('b', '44', { answered: 0, failed: 1, talkMs: 0, postDials: 0, postDialMs: 0 }),
    ]);
    const notes = (await qualities.read(0)).flatMap((each) => each.notes);
    const found = (gateway: string, prefix?: string) =>
      notes
        .filter((each) => each.gateway === gateway && each.prefix === prefix)
        .reduce((sum, each) => sum + each.attempts + each.talkMs, 0);
    const expected = 50 + 50 * 60_000;
    assert.deepEqual(
      [found('a'), found('a', '44'), found('a', '')],
      [expected, expected, expected],
    );
    assert.deepEqual([found('b'), found('b', '44')], [0, 1]);
    const failed = notes.filter(({ gateway }) => gateway === 'b').map((each) => each.failed);
    assert.deepEqual(failed, [1]);
  });

  test(`ROUTE-04 ${name}: whoever has read asks for what has come since, and nothing before what is kept`, async () => {
    const qualities = open();
    await qualities.add([noteOf('a')]);
    const last = (await qualities.read(0)).at(-1)?.bucket ?? 0;
    const later = await qualities.read(last);
    assert.ok(later.length <= 2);
    assert.equal(later.flatMap(({ notes }) => notes).length, 1);
    assert.equal((await qualities.read(0)).length, 26);
    assert.equal((await qualities.read(last + 100)).length, 1);
  });
}
