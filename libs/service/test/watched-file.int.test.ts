import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WatchedFile, silentLogger } from '../src/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'tandem-watched-'));
after(() => rm(folder, { recursive: true, force: true }));

test('CALL-12 a file is read again when it has changed, and what it held stays while it cannot be read', async () => {
  const path = join(folder, 'number');
  let nowMs = 0;
  let reads = 0;
  const file = new WatchedFile({
    path,
    read: (bytes) => {
      reads += 1;
      const value = Number(bytes.toString());
      if (Number.isNaN(value)) throw new TypeError('no number');
      return value;
    },
    otherwise: -1,
    now: () => nowMs,
    logger: silentLogger(),
  });
  const later = async (): Promise<number> => {
    nowMs += 10_000;
    return file.content();
  };
  assert.equal(await file.content(), -1);
  await writeFile(path, '1');
  assert.equal(await file.content(), -1);
  assert.deepEqual(await Promise.all([later(), file.content()]), [1, 1]);
  await later();
  assert.equal(reads, 1);
  await writeFile(path, '22');
  assert.equal(await later(), 22);
  await writeFile(path, 'none');
  assert.equal(await later(), 22);
  await rm(path);
  assert.equal(await later(), 22);
});

test('CALL-12 without a path nothing is read', async () => {
  const file = new WatchedFile({
    path: undefined,
    read: () => 1,
    otherwise: 0,
    now: () => 0,
    logger: silentLogger(),
  });
  assert.equal(await file.content(), 0);
});
