import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { CarrierRegistrar } from '../src/carrier-registrar.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { usualWay } from '../src/running-switch.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { startTwoPods } from '../src/two-pods.ts';
import type { TwoPods } from '../src/two-pods.ts';
import { until } from '../src/until.ts';

const account = { user: '4930123', password: 'carrier-secret' };

interface Outbound {
  readonly gateway: string;
  readonly state: string;
  readonly edge: string;
  readonly isHeld: boolean;
  readonly lastAnswer: { readonly code: number } | null;
}

for (const way of usualWay('real')) {
  suite(`outbound registration, ${way}`, { concurrency: false }, () => {
    let running: RunningSwitch | undefined;
    let registrar: CarrierRegistrar | undefined;
    let kill: TwoPods['kill'];

    before(async () => {
      registrar = await CarrierRegistrar.start(account);
      ({ running, kill } = await startTwoPods(way, 'split'));
    });
    after(async () => {
      await running?.stop();
      registrar?.close();
    });

    async function state(): Promise<Outbound | undefined> {
      const answer = await running?.api.get('/api/v1/outbound-registrations');
      const { outboundRegistrations } = answer as { outboundRegistrations: readonly Outbound[] };
      return outboundRegistrations.find((each) => each.gateway === 'carrier-a');
    }

    test('REG-08 the switch registers with a carrier, and sends it calls; not to one that it is not registered with; when the pod that does is killed another goes on with it; a gateway that is removed is unregistered', async (t) => {
      assert.ok(running !== undefined && registrar !== undefined);
      const document = configuration(await freePort(), await freePort());
      const gateway = document.routingGateways[0] ?? {};
      gateway['username'] = account.user;
      gateway['password'] = account.password;
      gateway['registration'] = { registrar: registrar.address, domain: 'carrier.example' };
      // Nobody is there who would register it.
      const other = document.routingGateways[1] ?? {};
      other['username'] = account.user;
      other['password'] = account.password;
      other['registration'] = { registrar: `127.0.0.1:${String(await freePort())}` };
      await running.configure(document);
      await until('it is registered', async () => (await state())?.state === 'registered');
      await until('calls go to who is registered alone', async () => {
        const route = await running?.api.get(`/api/v1/route?callee=4420&from=${demo.trunk}`);
        const text = JSON.stringify(route);
        return (
          text.includes('The call would go to carrier-a at') &&
          text.includes('carrier-b was left out: the switch is not registered with it since')
        );
      });
      const { sip } = running;
      const first = registrar.last;
      // What was bound before was cleared first.
      assert.deepEqual(
        registrar.seen.map(({ contact }) => contact),
        ['*', `<sip:${account.user}@${sip.address}:${String(sip.port)}>`],
      );
      if (kill !== undefined && first !== undefined) await taken(t, first.cseq, kill);
      delete gateway['registration'];
      delete other['registration'];
      await running.configure(document);
      await until('it is unregistered', () => registrar?.last?.expires === '0');
      assert.equal(registrar.last?.callId, first?.callId);
      assert.equal(await state(), undefined);
    });

    async function taken(t: TestContext, cseq: number, killed: (edge: string) => void) {
      const { edge = '' } = (await state()) ?? {};
      const killedMs = Date.now();
      killed(edge);
      await until('another has registered', () => (registrar?.last?.cseq ?? 0) > cseq);
      t.diagnostic(
        `taken over ${String((registrar?.last?.atMs ?? 0) - killedMs)} ms after the kill`,
      );
      await until('it says so', async () => {
        const now = await state();
        return now?.state === 'registered' && now.isHeld;
      });
      const [, first] = registrar?.seen ?? [];
      assert.equal(registrar?.last?.callId, first?.callId);
    }
  });
}
