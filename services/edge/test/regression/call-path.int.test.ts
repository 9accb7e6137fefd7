import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { memoryLimits } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { ScriptedPeer } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { soloPodRegistry, systemClock } from '../../src/app.ts';
import { EdgeServer } from '../../src/edge-server.ts';
import { EdgeNetwork } from '../../src/network/network.ts';
import { CallOutbox } from '../../src/outbox/outbox.ts';
import { randomPool } from '../../src/system.ts';
import { allowed, candidateOf, challenged, nextIs, routedTo } from '../support/call-samples.ts';
import { sealer } from '../support/messages.ts';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

/** The files of the edge in which a function runs while `work` is done. */
async function filesEntered(work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  return result
    .filter(({ url }) => url.startsWith('file:') && fileURLToPath(url).startsWith(SOURCES))
    .filter(({ functions }) => functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0))
    .map(({ url }) => fileURLToPath(url).slice(SOURCES.length))
    .sort();
}

test('CALL-01 an INVITE that is challenged, let in and answered passes 25 files of the rooms at most', async (t) => {
  const logger = silentLogger();
  const clock = systemClock;
  const carrier = await ScriptedPeer.onUdp({ user: 'carrier' });
  const alice = await ScriptedPeer.onUdp({ user: '1001' });
  const addresses = [`127.0.0.1:${String(carrier.local.port)}`];
  const pods = soloPodRegistry(5);
  const network = await EdgeNetwork.open({
    role: 'both',
    sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    isSipPortShared: false,
    sipFronts: [],
    podListen: { address: '127.0.0.1', port: 0 },
    secrets: [Buffer.alloc(32, 7)],
    pods: () => pods.pods(),
    clock,
    logger,
  });
  const port = network.listening[0]?.port ?? 0;
  const place = await pods.join({ name: 'edge-1', role: 'both', address: network.address });
  const store = memoryCallStore(clock, memoryLimits().lines);
  const publisher = { publish: () => Promise.resolve(), close: () => Promise.resolve() };
  const outbox = new CallOutbox({ store, publisher, clock, logger });
  let asked = 0;
  const server = new EdgeServer({
    local: { name: 'edge-1', ...place, host: '127.0.0.1', hostPort: `127.0.0.1:${String(port)}` },
    sealer,
    auth: { authenticate: () => Promise.resolve((asked += 1) === 1 ? challenged() : allowed()) },
    routing: {
      route: () => Promise.resolve(routedTo([candidateOf('carrier-a', { addresses })])),
      nextCandidate: () => Promise.resolve(nextIs('')),
      rest: () => Promise.resolve(),
    },
    store,
    sessions: store,
    pods,
    link: network,
    outbox,
    clock,
    transport: network,
    logger,
    random: randomPool(),
  });
  t.after(async () => {
    server.close();
    await outbox.close();
    await network.close();
    await Promise.all([alice.close(), carrier.close()]);
  });
  network.listen(server);
  const to = { address: '127.0.0.1', port };
  const files = await filesEntered(async () => {
    const first = alice.invite({ to, called: '442079460000' });
    assert.equal((await first.final()).status, 407);
    const call = alice.invite({ to, called: '442079460000' });
    const incoming = await carrier.receiveCall();
    incoming.ring();
    incoming.answer();
    await call.answered();
    await incoming.ack();
  });
  // What is pure is called and left again, and so are the store, the counters and the record of messages; the barrier stands around all of it: the walk is
  // through the rooms.
  const walk = files.filter(
    (file) =>
      !/^(core|adapters)\/|^(barrier|faults|system|telemetry|network\/recorded-traffic|gateway-checks\/attempt-tally)\./.test(
        file,
      ),
  );
  t.diagnostic(`${String(walk.length)} files of ${String(files.length)}: ${walk.join(', ')}`);
  assert.ok(walk.length <= 25, walk.join('\n'));
});
