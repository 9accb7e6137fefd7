import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { to } from '@tandem/sip';
import { ScriptedPeer } from '@tandem/testing';
import { Baresip } from '../src/baresip.ts';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { ConnectedPhone } from '../src/connected-phone.ts';
import { carrier, configuration, demo } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { registeredDevice } from '../src/phone-devices.ts';
import { ways } from '../src/running-switch.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { startTwoPods } from '../src/two-pods.ts';
import type { TwoPods } from '../src/two-pods.ts';
import { until } from '../src/until.ts';

const CALLED = '1002';
/** A phone with several devices. */
const FAMILY = '1003';
/** A gateway that registers. */
const SITE = 'site';

interface RegistrationList {
  readonly registrations: readonly {
    readonly phone: string;
    readonly edge: string;
    readonly answeredAt: string | null;
  }[];
}

interface JournalList {
  readonly entries: readonly { readonly cause: string }[];
}

interface History {
  readonly points: readonly { readonly failed: number }[];
}

for (const way of ways) {
  suite(`registration, ${way}`, { concurrency: false }, () => {
    let running: RunningSwitch | undefined;
    let kill: TwoPods['kill'];

    before(async () => {
      ({ running, kill } = await startTwoPods(way, 'pod'));
      const document = configuration(await freePort(), await freePort());
      const rates = document.rateGroups[0]?.['rates'] as unknown[];
      rates.push({ prefix: '10', pricePerMinute: '0' }, { prefix: '', pricePerMinute: '0' });
      document.phones.push({
        username: CALLED,
        password: demo.password,
        account: demo.account,
      });
      document.parameters['SS_ENDPOINT_KEEPALIVE_INTERVAL'] = 1;
      document.phones.push({
        username: FAMILY,
        password: demo.password,
        account: demo.account,
        lineLimit: 1,
        registration: { maxBindings: 3 },
      });
      document.mappingGateways.push({
        name: SITE,
        account: demo.account,
        authentication: { mode: 'password', password: demo.password },
        registration: {},
      });
      document.routingGateways.push(
        { name: SITE, type: 'dynamic', prefixes: ['49'], priority: 0 },
        carrier('fallback', await freePort(), 9),
      );
      await running.configure(document);
    });
    after(() => running?.stop());

    test('REG-01 ROUTE-01 DENY-10 a phone registers, is called by a trunk though the pod that took its REGISTER is dead, and by another phone; when it is gone it is not registered', async () => {
      assert.ok(running !== undefined);
      const { api, sip } = running;
      const phoneOf = (user: string) =>
        Baresip.start({ user, password: demo.password, registrar: sip });
      const called = await phoneOf(CALLED);
      const caller = await phoneOf(demo.phone);
      try {
        await Promise.all([called.registered(), caller.registered()]);
        const { registrations } = (await api.get('/api/v1/registrations')) as RegistrationList;
        assert.deepEqual(
          registrations.map(({ phone }) => phone),
          [demo.phone, CALLED],
        );
        const taken = registrations.find(({ phone }) => phone === CALLED)?.edge ?? '';
        // A pod that is killed has not told the journal of its last moments, and the next test asks for this.
        await until('the journal has the registration', async () =>
          (await causesOf(api, `terminal=${CALLED}`)).includes('registered'),
        );
        kill?.(taken);
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

    test('REG-11 REG-06 whoever asks why finds it in the journal: who has come, who has gone, who has a wrong password', async () => {
      assert.ok(running !== undefined);
      const { api, sip } = running;
      const causes = (filter: string): Promise<readonly string[]> => causesOf(api, filter);
      await until('the journal has the end of the registration', async () =>
        (await causes(`terminal=${CALLED}`)).includes('unregistered'),
      );
      assert.ok((await causes(`terminal=${CALLED}&kind=registration`)).includes('registered'));
      const explained = await api.get(`/api/v1/explain/registration/${CALLED}`);
      assert.match(JSON.stringify(explained), /is not registered: at .* removed sip:1002.* itself/);
      const intruder = await Baresip.start({ user: CALLED, password: 'wrong', registrar: sip });
      try {
        await until('the journal has the wrong password', async () =>
          (await causes('outcome=refused&source=127.0.0.0/8')).includes('wrong-password'),
        );
      } finally {
        await intruder.stop();
      }
      // A pod that is killed has not told what it counted in the last seconds; this was counted after that.
      await until('history counts the wrong password', async () => {
        const { points } = (await api.get('/api/v1/registrations/history?from=1h')) as History;
        return points.some(({ failed }) => failed > 0);
      });
    });

    test('REG-04 REG-02 a phone behind NAT is asked over its connection by the pods that are left, any answer counts, and when the connection closes it is not registered any more', async () => {
      assert.ok(running !== undefined);
      const { api, sip } = running;
      const phone = await ConnectedPhone.register({
        user: CALLED,
        password: demo.password,
        registrar: sip,
      });
      try {
        await until('two keep-alives', () => phone.requests.length >= 2);
        assert.deepEqual(new Set(phone.requests.map(({ method }) => method)), new Set(['OPTIONS']));
        await until('its answer is known', async () => {
          const { registrations } = (await api.get('/api/v1/registrations')) as RegistrationList;
          return typeof registrations[0]?.answeredAt === 'string';
        });
      } finally {
        phone.close();
      }
      await until('nobody is registered', async () => {
        const { registrations } = (await api.get('/api/v1/registrations')) as RegistrationList;
        return registrations.length === 0;
      });
    });

    test('REG-10 ROUTE-02 ROUTE-01 a dynamic gateway is no candidate until it registers; then it is called by prefix and by its name, though the pod that took its REGISTER is dead, and calls in', async () => {
      assert.ok(running !== undefined);
      const { api, sip } = running;
      const trunk = await ScriptedPeer.onUdp({ address: demo.trunkAddress, timeoutMs: 15_000 });
      let site: ScriptedPeer | undefined;
      try {
        const called = '4930555';
        const early = trunk.invite({ to: sip, called });
        assert.equal((await early.final()).status, 503);
        const refused = await api.get(`/api/v1/explain/${(await api.cdrOf(early.callId)).callId}`);
        assert.match(JSON.stringify(refused), /gateway site was left out: it has not registered/);

        site = await registeredDevice(running, { username: SITE, password: demo.password });
        const place = `127.0.0.1:${String(site.local.port)}`;
        const { registrations } = (await api.get(
          '/api/v1/registrations?kind=gateway',
        )) as RegistrationList;
        assert.deepEqual(
          registrations.map(({ phone }) => phone),
          [SITE],
        );
        kill?.(registrations[0]?.edge ?? '');
        for (const [number, user] of [
          [called, called],
          [SITE, SITE],
        ] as const) {
          const a = trunk.invite({ to: sip, called: number });
          const b = await site.receiveCall();
          assert.equal(b.invite.uri, `sip:${user}@${place}`);
          b.answer();
          await Promise.all([a.answered(), b.ack()]);
          const bye = b.bye();
          (await a.receive('BYE')).respond(200);
          assert.equal((await bye).status, 200);
          const { attempts, reason } = await api.cdrOf(a.callId);
          assert.deepEqual([attempts[0]?.gateway, reason], [SITE, 'NormalClearing']);
        }
        // By its name and password; no gateway has the prefix.
        const out = site.invite({ to: sip, called: '1009' });
        assert.equal((await out.final()).status, 503);
        const { origin } = await api.cdrOf(out.callId);
        assert.deepEqual([origin?.kind, origin?.name], ['mapping-gateway', SITE]);
      } finally {
        await Promise.all([trunk.close(), site?.close()]);
      }
    });

    test('REG-03 all devices of a phone ring at once, also while the pod that has the call dies; one answers, the others are cancelled, the CDR has them all', async () => {
      assert.ok(running !== undefined);
      const { api, sip } = running;
      const own = { username: FAMILY, password: demo.password };
      const devices: ScriptedPeer[] = [];
      while (devices.length < 3) devices.push(await registeredDevice(running, own));
      const trunk = await ScriptedPeer.onUdp({ address: demo.trunkAddress, timeoutMs: 15_000 });
      try {
        const a = trunk.invite({ to: sip, called: FAMILY });
        const calls = await Promise.all(devices.map((device) => device.receiveCall()));
        const tags = new Set<string>();
        for (const call of calls) {
          call.ring();
          tags.add(to(await a.provisional(180)).tag ?? '');
        }
        assert.equal(tags.size, 3);
        if (kill !== undefined) kill(await podOf(running, [...tags][0] ?? ''));
        const [first, second, third] = calls;
        assert.ok(first !== undefined && second !== undefined && third !== undefined);
        first.refuse(486);
        // Its ACK says that the pod that goes on with the call has it.
        await until('the refusal is acknowledged', () =>
          devices.some(({ transcript }) => transcript.count('received', 'ACK') > 0),
        );
        second.answer();
        await a.answered();
        await Promise.all([second.ack(), third.cancelled()]);
        const bye = a.bye();
        (await second.receive('BYE')).respond(200);
        assert.equal((await bye).status, 200);
        const cdr = await api.cdrOf(a.callId);
        assert.equal(cdr.reason, 'NormalClearing');
        const contacts = devices.map(
          ({ local: { port } }) => `sip:${FAMILY}@127.0.0.1:${String(port)}`,
        );
        assert.deepEqual(
          cdr.attempts.map(({ contact, code }) => [contact, code]),
          [
            // Who was heard last is called first, and who has answered stands last.
            [contacts[2], 487],
            [contacts[0], 486],
            [contacts[1], 200],
          ],
        );
        const { summary } = (await api.get(`/api/v1/explain/${cdr.callId}`)) as { summary: string };
        assert.ok(
          summary.startsWith(`Answered by phone ${FAMILY} (${contacts[1] ?? ''})`),
          summary,
        );
      } finally {
        await Promise.all([trunk, ...devices].map((peer) => peer.close()));
      }
    });
  });
}

/** The pod that has a call: each To tag that the caller sees names it (docs/edge.md §2). */
async function podOf({ api }: RunningSwitch, tag: string): Promise<string> {
  const epoch = Buffer.from(tag.slice(0, 28), 'base64url').readUIntBE(1, 3);
  const pod = (await api.pods()).find((each) => each.epoch === epoch);
  assert.ok(pod !== undefined);
  return pod.name;
}

/** The causes of the journal's entries that the filter leaves. */
async function causesOf(api: RunningSwitch['api'], filter: string): Promise<readonly string[]> {
  const { entries } = (await api.get(`/api/v1/journal?${filter}`)) as JournalList;
  return entries.map(({ cause }) => cause);
}
