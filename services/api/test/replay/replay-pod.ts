/** A pod of the api that works on replays, to be killed: `replay-pod.ts URL`. It says each page that it has read. */
import { createPool, silentLogger } from '@tandem/service';
import { openReplayStore } from '../../src/adapters/pg-replay-store.ts';
import { ReplayWorker } from '../../src/replay/replay-worker.ts';
import { portsWithCalls } from './replay-calls.ts';

const url = process.argv[2] ?? '';
const isHanging = process.argv[3] === 'hangs';
const pool = createPool({ url, logger: silentLogger(), size: 3 });
let pages = 0;
const ports = portsWithCalls({
  onPage: async () => {
    pages += 1;
    // Behind some pages that are stored, and in the middle of the work.
    if (isHanging && pages === 5) {
      process.stdout.write('in the middle\n');
      await new Promise(() => undefined);
    }
  },
});
new ReplayWorker({
  replays: openReplayStore(pool, url),
  ports,
  documents: { current: () => Promise.resolve(undefined) },
  logger: silentLogger(),
  times: { roundMs: 50, waitMs: 20, keptMs: 0, aliveMs: 100, silentMs: 1000 },
}).start();
// Its rounds keep no process alive.
setInterval(() => undefined, 1000);
