import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Baresip } from '../src/baresip.ts';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import type { TestCluster } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { layouts } from '../src/shape.ts';
import { until } from '../src/until.ts';

const CALLED = '1002';

interface RegistrationList {
  readonly registrations: readonly { readonly phone: string; readonly edge: string }[];
}

for (const layout of layouts) {
  suite(`registration, ${layout}`, { concurrency: false }, () => {
    let running: TestCluster | undefined;

    before(async () => {
      running = await startTestCluster({ layout, pods: 2 });
      const document = configuration(await freePort(), await freePort());
      const rates = document.rateGroups[0]?.['rates'] as unknown[];
      rates.push({ prefix: '10', pricePerMinute: '0' });
      document.phones.push({
        username: CALLED,
        password: demo.password,
        account: demo.account,
      });
      await running.configure(document);
    });
    after(() => running?.stop());

    test('REG-01 ROUTE-01 DENY-10 a phone registers, is called by a trunk though the pod that took its REGISTER is dead, and by another phone; when it is gone it is not registered', async () => {
      assert.ok(running !== undefined);
      const { api, cluster, sip } = running;
      const phoneOf = (user: string) =>
        Baresip.start({ user, password: demo.password, registrar: sip });
      const called = await phoneOf(CALLED);
      const caller = await phoneOf(demo.phone);
      try {
        await Promise.all([called.event('REGISTER_OK'), caller.event('REGISTER_OK')]);
        const { registrations } = (await api.get('/api/v1/registrations')) as RegistrationList;
        assert.deepEqual(
          registrations.map(({ phone }) => phone),
          [demo.phone, CALLED],
        );
        const taken = registrations.find(({ phone }) => phone === CALLED)?.edge ?? '';
        cluster.kill(taken);
        const byTrunk = await callAsTrunk(running, CALLED);
        assert.equal(byTrunk.successful, 1, byTrunk.output);
        caller.dial(`sip:${CALLED}@${sip.address}:${String(sip.port)}`);
        await caller.event('CALL_ESTABLISHED');
        caller.hangUp();
        await caller.event('CALL_CLOSED');
      } finally {
        await Promise.all([called.stop(), caller.stop()]);
      }
      // baresip unregisters as it goes.
      await until('nobody is registered', async () => {
        const { registrations } = (await api.get('/api/v1/registrations')) as RegistrationList;
        return registrations.length === 0;
      });
      const refused = await callAsTrunk(running, CALLED);
      assert.equal(finalResponse(refused).status, 480);
      const cdr = await api.cdrOf(sipCallId(refused));
      assert.equal(cdr.reason, 'NotRegistered');
    });
  });
}
