import assert from 'node:assert/strict';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const linux = { skip: process.platform !== 'linux' };

test(
  'ROUTE-13 a thread that steps back leaves the others of its process as they are',
  linux,
  async () => {
    const before = getPriority();
    const worker = new Worker(
      `import { readlinkSync } from 'node:fs';
     import { getPriority } from 'node:os';
     import { parentPort } from 'node:worker_threads';
     import { stepBack } from '${new URL('../src/step-back.ts', import.meta.url).href}';
     stepBack(19);
     parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));`,
      { eval: true },
    );
    const [own] = (await once(worker, 'message')) as [number];
    assert.deepEqual([own, getPriority()], [19, before]);
  },
);
