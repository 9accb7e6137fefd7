import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Baresip } from '../src/baresip.ts';
import { ClientSwitch } from '../src/clients/client-switch.ts';
import { startNetSip } from '../src/clients/net-sip.ts';
import { ExpectedCdrs } from '../src/clients/phone-checks.ts';
import { demo } from '../src/configuration.ts';
import { hostPort } from '../src/host-port.ts';
import { ManagedProcess } from '../src/managed-process.ts';
import { until } from '../src/until.ts';
import { openNodePage } from '../src/web-phones/node-page.ts';
import { WebPhone, type WebLibrary } from '../src/web-phones/web-phone.ts';

const { password } = demo;

interface RegistrationList {
  readonly registrations: readonly { readonly phone: string; readonly edge: string }[];
}

interface JournalList {
  readonly entries: readonly { readonly cause: string }[];
}

describe('telephones over UDP, TCP, TLS and WebSocket', { timeout: 120_000 }, () => {
  let bench: ClientSwitch;
  const cdrs = new ExpectedCdrs(() => bench.running.api);
  before(async () => {
    bench = await ClientSwitch.start({
      isRespawning: true,
      configure: ({ parameters }) => {
        parameters['SS_SIP_RELAY_REFER'] = true;
      },
    });
  });
  after(() => bench.stop());

  function phone(user: string, transport: 'udp' | 'tcp' | 'tls'): Promise<Baresip> {
    if (transport !== 'tls') return bench.baresip(user, { transport });
    const registrar = { address: '127.0.0.1', port: bench.ports.tls };
    const { caFile } = bench.files;
    return bench.baresip(user, { transport, registrar, outbound: registrar, caFile });
  }

  test('CALL-02 REG-01 CALL-04 baresip over each transport calls the next, either side holds and hangs up; the last call is transferred', async (t) => {
    const phones = await Promise.all([
      phone('1001', 'udp'),
      phone('1002', 'tcp'),
      phone('1003', 'tls'),
    ]);
    t.after(() => Promise.all(phones.map((each) => each.stop())));
    const [byUdp, byTcp, byTls] = phones;
    await called(byUdp, byTcp, { uri: bench.uri('1002'), hangsUp: byUdp });
    await called(byTcp, byTls, { uri: bench.uri('1003'), hangsUp: byTls });
    await called(byTls, byUdp, { uri: bench.uri('1001'), hangsUp: byTls });
    await cdrs.next([
      ['phone 1002', 'caller'],
      ['phone 1003', 'callee'],
      ['phone 1001', 'caller'],
    ]);
    const [established, closed] = [byTcp, byUdp].map((each) => [
      each.count('CALL_ESTABLISHED'),
      each.count('CALL_CLOSED'),
    ]);
    byTls.dial(bench.uri('1001'));
    await byTls.event('CALL_ESTABLISHED', 10_000, 3);
    byTls.transfer(bench.uri('1002'));
    await byTcp.event('CALL_ESTABLISHED', 10_000, (established?.[0] ?? 0) + 1);
    await byTls.event('CALL_CLOSED', 10_000, 3);
    byTcp.hangUp();
    await byUdp.event('CALL_CLOSED', 10_000, (closed?.[1] ?? 0) + 2);
    await cdrs.next([
      ['phone 1001', 'caller'],
      ['phone 1002', 'callee'],
    ]);
  });

  test('REG-01 AUTH-04 Net::SIP registers, calls and is called; sipsak registers and is gone again', async (t) => {
    const registrar = bench.running.sip;
    const callee = await startNetSip({ user: '1004', password, registrar });
    await callee.line(/listening/, 10_000);
    const calls = bench.uri('1004');
    const caller = await startNetSip({ user: '1005', password, registrar, calls });
    t.after(() => Promise.all([callee.stop(), caller.stop()]));
    for (const each of [caller, callee])
      await each.line(/established\nended\nunregistered/, 10_000);
    await cdrs.next([['phone 1004', 'caller']]);

    const sipsak = new ManagedProcess({
      name: 'sipsak',
      command: 'sipsak',
      args: [
        ...['-U', '-v', '-x', '60', '-s', bench.uri('1006'), '-u', '1006', '-a', password],
        ...['-C', `sip:1006@${hostPort('127.0.0.1', 5099)}`],
      ],
    });
    assert.equal(await sipsak.exit(10_000), 0, sipsak.output);
  });

  async function webPhone(
    library: WebLibrary,
    user: string,
    transport: 'ws' | 'wss',
  ): Promise<WebPhone> {
    const page = await openNodePage(bench.files.ca);
    const started = await WebPhone.start(page, library, bench.webAccount(user, transport));
    await started.event('registered');
    return started;
  }

  const registered = async (): Promise<RegistrationList['registrations']> =>
    ((await bench.running.api.get('/api/v1/registrations')) as RegistrationList).registrations;

  test('REG-01 CALL-02 CALL-06 JsSIP over ws and SIP.js over wss register, call, are called, come back when the pod with their connection is killed, and unregister', async (t) => {
    const [jssip, sipjs, desk] = await Promise.all([
      webPhone('jssip', '2001', 'ws'),
      webPhone('sip.js', '2002', 'wss'),
      bench.baresip('1006'),
    ]);
    t.after(() => desk.stop());
    await jssip.dial(bench.uri('2002'));
    await Promise.all([jssip.event('established'), sipjs.event('established')]);
    await sipjs.hold();
    await sipjs.event('held');
    await sipjs.resume();
    await sipjs.event('resumed');
    await sipjs.hangUp();
    await Promise.all([jssip.event('ended'), sipjs.event('ended')]);
    await sipjs.dial(bench.uri('1006'));
    await sipjs.event('established', 2);
    desk.hangUp();
    await sipjs.event('ended', 2);
    await cdrs.next([
      ['phone 2002', 'callee'],
      ['phone 1006', 'callee'],
    ]);
    for (const pod of new Set((await registered()).map(({ edge }) => edge))) {
      bench.running.cluster.kill(pod);
    }
    await jssip.event('registered', 2);
    await sipjs.event('registered again');
    await sipjs.dial(bench.uri('2001'));
    await Promise.all([jssip.event('established', 2), sipjs.event('established', 3)]);
    await jssip.hangUp();
    await sipjs.event('ended', 3);
    await cdrs.next([['phone 2001', 'callee']]);
    await Promise.all([jssip.stop(), sipjs.stop()]);
    for (const user of ['2001', '2002']) {
      await until('it has unregistered', async () => {
        const { entries } = (await bench.running.api.get(
          `/api/v1/journal?terminal=${user}`,
        )) as JournalList;
        return entries.some(({ cause }) => cause === 'unregistered');
      });
    }
  });
});

/** A call with a hold by each side. */
async function called(
  caller: Baresip,
  callee: Baresip,
  { uri, hangsUp }: { readonly uri: string; readonly hangsUp: Baresip },
): Promise<void> {
  const [ofCaller = 0, ofCallee = 0] = [caller, callee].map((each) => each.count('CALL_CLOSED'));
  const [from = 0, to = 0] = [caller, callee].map((each) => each.count('CALL_ESTABLISHED'));
  caller.dial(uri);
  await caller.event('CALL_ESTABLISHED', 10_000, from + 1);
  await callee.event('CALL_ESTABLISHED', 10_000, to + 1);
  for (const by of [caller, callee]) {
    const answers = by.reinvitesAnswered;
    by.hold();
    await by.answersToReinvite(answers + 1);
    by.resume();
    await by.answersToReinvite(answers + 2);
  }
  hangsUp.hangUp();
  await caller.event('CALL_CLOSED', 10_000, ofCaller + 1);
  await callee.event('CALL_CLOSED', 10_000, ofCallee + 1);
}
