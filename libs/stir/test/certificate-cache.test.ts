import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateCache } from '../src/index.ts';
import type { Fetched } from '../src/index.ts';
import { carrier } from './signed-calls.ts';

const HOUR = 3_600_000;

interface Scene {
  readonly cache: CertificateCache;
  readonly asked: string[];
  nowMs: number;
  answer: (url: string) => Promise<Fetched>;
}

function scene(options: { most?: number; mostFetches?: number } = {}): Scene {
  const bytes = Buffer.from(carrier.pem);
  const asked: string[] = [];
  const made: Omit<Scene, 'cache'> = {
    asked,
    nowMs: 0,
    answer: () => Promise.resolve({ bytes, goodForMs: HOUR }),
  };
  const cache = new CertificateCache({
    ...options,
    now: () => made.nowMs,
    fetch: (url) => {
      asked.push(url);
      return made.answer(url);
    },
  });
  return Object.assign(made, { cache });
}

test('CALL-12 a certificate is fetched once, whoever asks meanwhile', async () => {
  const { cache, asked } = scene();
  const both = await Promise.all([cache.certificates('a'), cache.certificates('a')]);
  assert.equal(both[0], both[1]);
  assert.equal(asked.length, 1);
});

test('CALL-12 what is kept ends with the time that its server gives, within a minute and a day', async () => {
  for (const [goodForMs, keptMs] of [
    [HOUR, HOUR],
    [0, 60_000],
    [100 * 24 * HOUR, 24 * HOUR],
  ] as const) {
    const made = scene();
    made.answer = () => Promise.resolve({ bytes: Buffer.from(carrier.pem), goodForMs });
    await made.cache.certificates('a');
    made.nowMs = keptMs - 1;
    await made.cache.certificates('a');
    assert.equal(made.asked.length, 1, String(goodForMs));
    made.nowMs = keptMs;
    await made.cache.certificates('a');
    assert.equal(made.asked.length, 2, String(goodForMs));
  }
});

test('CALL-12 a failure is told in words and asked about again after 30 s', async () => {
  const made = scene();
  for (const [answer, words] of [
    [() => Promise.resolve('no answer'), 'no answer'],
    [() => Promise.reject(new Error('broken')), 'certificate at a: broken'],
    [
      () => Promise.resolve({ bytes: Buffer.from('<html>'), goodForMs: HOUR }),
      'there is no certificate at a',
    ],
  ] as const) {
    made.answer = answer;
    made.nowMs += 30_000;
    assert.equal(await made.cache.certificates('a'), words);
  }
  assert.equal(made.asked.length, 3);
  made.nowMs += 29_999;
  await made.cache.certificates('a');
  assert.equal(made.asked.length, 3);
});

test('CALL-12 strangers cannot make the cache grow, nor fetch at will', async () => {
  const made = scene({ most: 2, mostFetches: 2 });
  for (const url of ['a', 'b', 'c']) await made.cache.certificates(url);
  await made.cache.certificates('b');
  assert.deepEqual(made.asked, ['a', 'b', 'c']);
  await made.cache.certificates('a');
  assert.deepEqual(made.asked, ['a', 'b', 'c', 'a']);
  made.answer = () => new Promise(() => undefined);
  void made.cache.certificates('d');
  void made.cache.certificates('e');
  assert.match(String(await made.cache.certificates('f')), /too many/);
});
