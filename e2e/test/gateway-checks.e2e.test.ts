import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { CheckedCarrier } from '../src/checked-carrier.ts';
import { configuration, demo } from '../src/configuration.ts';
import { usualWay } from '../src/running-switch.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { header } from '../src/sip-trace.ts';
import { startTwoPods } from '../src/two-pods.ts';
import type { TwoPods } from '../src/two-pods.ts';
import { until } from '../src/until.ts';

interface Gateway {
  readonly state: string;
  readonly edge: string;
  readonly quality: { readonly attempts: number; readonly answered: number } | null;
  readonly prefixes: readonly { readonly prefix: string }[];
  readonly addresses: readonly { readonly lastAnswer: { readonly code: number } }[];
}

for (const way of usualWay('allinone')) {
  suite(`OPTIONS checks of gateways, ${way}`, { concurrency: false }, () => {
    let running: RunningSwitch | undefined;
    let kill: TwoPods['kill'];
    const carriers: CheckedCarrier[] = [];

    before(async () => {
      carriers.push(await CheckedCarrier.start(), await CheckedCarrier.start());
      ({ running, kill } = await startTwoPods(way, 'split'));
    });
    after(async () => {
      await running?.stop();
      for (const carrier of carriers) carrier.close();
    });

    async function gateway(name: string): Promise<Gateway | undefined> {
      return (await running?.api.get(`/api/v1/gateways/${name}`)) as Gateway | undefined;
    }

    const untilState = (state: string, names = ['carrier-a', 'carrier-b']) =>
      until(`${names.join(' and ')} are ${state}`, async () => {
        const found = await Promise.all(names.map(gateway));
        return found.every((each) => each?.state === state);
      });

    const routeText = async () =>
      JSON.stringify(await running?.api.get(`/api/v1/route?callee=4420&from=${demo.trunk}`));

    test('ROUTE-07 ROUTE-04 DENY-12 OPS-04 OPS-10 a gateway that stops answering gets no calls within two seconds of being off line, all of them off line refuse the call with 503, and one that answers again gets calls again; when the pod that checks is killed another goes on', async (t) => {
      const [a, b] = carriers;
      assert.ok(running !== undefined && a !== undefined && b !== undefined);
      const { api } = running;
      const document = configuration(a.port, b.port);
      document.parameters = { SS_SIP_OPTIONS_CHECK_TIMEOUT: 1 };
      for (const each of document.routingGateways) {
        each['optionsCheck'] = { period: 1, failures: 1, window: 2 };
      }
      await running.configure(document);
      await untilState('online');
      const options = a.seen.find(({ method }) => method === 'OPTIONS')?.request;
      const { sip } = running;
      assert.equal(options?.uri, `sip:127.0.0.1:${String(a.port)}`);
      assert.equal(options.headers.get('Contact'), `<sip:options@${sip.address}:${String(sip.port)}>`); // prettier-ignore
      assert.equal((await gateway('carrier-a'))?.addresses[0]?.lastAnswer.code, 404);

      // One stops under calls: after its first failed check it is left out.
      a.code = 0;
      await untilState('offline', ['carrier-a']);
      const offMs = Date.now();
      await until('routing leaves it out', async () =>
        (await routeText()).includes('carrier-a was left out: it is off line since'),
      );
      t.diagnostic(`left out ${String(Date.now() - offMs)} ms after it was off line`);
      assert.ok(Date.now() - offMs < 2000);
      const invites = a.count('INVITE');
      const busy = await callAsTrunk(running, '442079460000');
      assert.equal(finalResponse(busy).status, 486);
      assert.equal(a.count('INVITE'), invites);
      const cdr = await api.cdrOf(sipCallId(busy));
      assert.deepEqual(cdr.attempts.map((attempt) => attempt.gateway), ['carrier-b']); // prettier-ignore
      assert.match((await api.explain(sipCallId(busy))).text, /carrier-a was left out: it is off line since .*no answer within 1 s/); // prettier-ignore

      // Neither answers.
      b.code = 503;
      await untilState('offline');
      await until('routing leaves both out', async () =>
        (await routeText()).includes('carrier-b was left out: it is off line since'),
      );
      const refused = await callAsTrunk(running, '442079460000');
      assert.equal(finalResponse(refused).status, 503);
      assert.match(header(finalResponse(refused), 'Warning') ?? '', /gateway/i);
      assert.equal((await api.cdrOf(sipCallId(refused))).reason, 'AllGatewayBusy');

      const tested = await api.testGateway('carrier-a');
      assert.equal(tested.addresses[0]?.answered, 0);
      assert.match(tested.addresses[0].text, /no ICMP message came/);

      // Both answer again.
      a.code = 200;
      b.code = 200;
      await untilState('online');
      await until('calls go there again', async () =>
        (await routeText()).includes('The call would go to carrier-a'),
      );
      assert.match((await api.testGateway('carrier-a')).text, /every address answers/);
      await until('the journal has it', async () => {
        const journal = JSON.stringify(await api.get('/api/v1/journal?kind=gateway'));
        return journal.includes('gateway-off-line') && journal.includes('gateway-on-line');
      });
      await until('the call that found it busy counts for its quality', async () => {
        const { prefixes, quality } = (await gateway('carrier-b')) ?? {};
        const [of44] = prefixes ?? [];
        return quality?.attempts === 1 && quality.answered === 0 && of44?.prefix === '44';
      });
      if (kill !== undefined) await taken(t, a, kill);
    });

    async function taken(t: TestContext, a: CheckedCarrier, killed: (edge: string) => void) {
      const edge = (await gateway('carrier-a'))?.edge ?? '';
      const killedMs = Date.now();
      killed(edge);
      await until('another has asked', () => (a.seen.at(-1)?.atMs ?? 0) > killedMs + 50);
      const afterMs = (a.seen.find(({ atMs }) => atMs > killedMs + 50)?.atMs ?? 0) - killedMs;
      t.diagnostic(`asked again ${String(afterMs)} ms after the kill`);
      assert.ok(afterMs < 5000);
      assert.equal((await gateway('carrier-a'))?.state, 'online');
    }
  });
}
