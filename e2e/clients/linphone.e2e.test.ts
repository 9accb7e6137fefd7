import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ClientSwitch } from '../src/clients/client-switch.ts';
import { ExpectedCdrs } from '../src/clients/phone-checks.ts';
import { demo } from '../src/configuration.ts';
import { Linphone } from '../src/linphone.ts';
import { until } from '../src/until.ts';

const PHONE = '1001';
const DESK = '1002';
const { password } = demo;

interface RegistrationList {
  readonly registrations: readonly { readonly phone: string; readonly instance: string }[];
}

describe('linphone', { timeout: 120_000 }, () => {
  let bench: ClientSwitch;
  const cdrs = new ExpectedCdrs(() => bench.running.api);
  before(async () => {
    bench = await ClientSwitch.start();
  });
  after(() => bench.stop());

  const instances = async (): Promise<readonly string[]> => {
    const list = (await bench.running.api.get('/api/v1/registrations')) as RegistrationList;
    return list.registrations.filter(({ phone }) => phone === PHONE).map((each) => each.instance);
  };

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    test(`REG-01 CALL-02 linphone over ${transport} registers, is called by its GRUU, held and hangs up, calls and is hung up, unregisters`, async (t) => {
      const registrar =
        transport === 'tls' ? { address: '127.0.0.1', port: bench.ports.tls } : bench.running.sip;
      const { caFile } = bench.files;
      const own = { user: PHONE, password, registrar, transport, caFile };
      const [phone, desk] = await Promise.all([Linphone.start(own), bench.baresip(DESK)]);
      t.after(() => desk.stop());
      try {
        await phone.registered();
        const [instance = ''] = await instances();
        desk.dial(`${bench.uri(PHONE)};gr=${instance.replaceAll(/[<>]/g, '')}`);
        await desk.event('CALL_ESTABLISHED');
        // The Contact of linphone is its GRUU: what is sent in the dialog has to find it.
        desk.hold();
        await desk.answersToReinvite(1);
        desk.resume();
        await desk.answersToReinvite(2);
        phone.hangUp();
        await desk.event('CALL_CLOSED');
        phone.dial(bench.uri(DESK));
        await desk.event('CALL_ESTABLISHED', 10_000, 2);
        desk.hangUp();
        await phone.wrote('ended', 2);
        await cdrs.next([
          [`phone ${PHONE}`, 'callee'],
          [`phone ${DESK}`, 'callee'],
        ]);
      } finally {
        await phone.stop();
      }
      await until('it has unregistered', async () => (await instances()).length === 0);
    });
  }

  test('DENY-10 RFC 5627 another device of a phone that is registered is 480', async (t) => {
    const [phone, desk] = await Promise.all([bench.baresip(PHONE), bench.baresip(DESK)]);
    t.after(() => Promise.all([phone.stop(), desk.stop()]));
    desk.dial(`${bench.uri(PHONE)};gr=urn:uuid:00000000-0000-4000-8000-000000000000`);
    await desk.event('CALL_CLOSED');
    assert.match(desk.output, /480 Temporarily Unavailable/);
  });
});
