import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Baresip } from '../src/baresip.ts';
import { ClientSwitch } from '../src/clients/client-switch.ts';
import { KamailioCarrier } from '../src/clients/kamailio-carrier.ts';
import { ExpectedCdrs } from '../src/clients/phone-checks.ts';
import { carrier as carrierOf, demo } from '../src/configuration.ts';
import type { ConfigurationDocument } from '../src/configuration.ts';
import { hostPort } from '../src/host-port.ts';
import { until } from '../src/until.ts';

const ADDRESS = '127.0.0.4';
/** The number that the carrier has given to the switch, and whose phone gets its calls. */
const NUMBER = '4930123';
const PHONE = '1001';
const account = { user: NUMBER, password: 'carrier-secret' };

interface OutboundList {
  readonly outboundRegistrations: readonly { readonly state: string }[];
}

describe('Kamailio as a carrier', { timeout: 120_000 }, () => {
  let bench: ClientSwitch;
  let kamailio: KamailioCarrier;
  let document: ConfigurationDocument | undefined;
  const cdrs = new ExpectedCdrs(() => bench.running.api);
  before(async () => {
    kamailio = await KamailioCarrier.start({ address: ADDRESS, ...account, grants: 6 });
    bench = await ClientSwitch.start({
      configure: (own) => {
        document = own;
        const authentication = { mode: 'ip', addresses: [`${ADDRESS}/32`] };
        own.mappingGateways = [{ name: 'carrier', account: demo.account, authentication }];
        own.routingGateways = [
          {
            ...carrierOf('carrier', kamailio.sip.port, 1),
            addresses: [hostPort(ADDRESS, kamailio.sip.port)],
            username: account.user,
            password: account.password,
            registration: { contactUser: PHONE },
          },
        ];
      },
    });
  });
  after(async () => {
    await bench.stop();
    await kamailio.stop();
  });

  const states = async (): Promise<readonly string[]> => {
    const answer = await bench.running.api.get('/api/v1/outbound-registrations');
    return (answer as OutboundList).outboundRegistrations.map(({ state }) => state);
  };

  test('REG-08 the switch registers with Kamailio and refreshes, also where a nonce is stale, is called by it, and unregisters', async (t) => {
    await until('it is registered', async () => (await states())[0] === 'registered');
    const phone = await bench.baresip(PHONE);
    const caller = await Baresip.start({ user: 'caller', outbound: kamailio.sip });
    t.after(() => Promise.all([phone.stop(), caller.stop()]));
    const number = `sip:${NUMBER}@${hostPort(ADDRESS, kamailio.sip.port)}`;
    caller.dial(number);
    await Promise.all([caller.event('CALL_ESTABLISHED'), phone.event('CALL_ESTABLISHED')]);
    phone.hangUp();
    await caller.event('CALL_CLOSED');
    await cdrs.next([[`phone ${PHONE}`, 'callee']]);
    await until(
      'a nonce was stale, and another REGISTER was not',
      () => {
        const { lastStale: stale, registers } = kamailio;
        return stale > 0 && registers.some(({ cseq }) => cseq === stale + 1);
      },
      { timeoutMs: 30_000 },
    );
    assert.deepEqual(await states(), ['registered']);

    assert.ok(document !== undefined);
    document.routingGateways = [];
    await bench.running.configure(document);
    await until('it has unregistered', () => kamailio.registers.at(-1)?.expires === '0');
    caller.dial(number);
    await caller.event('CALL_CLOSED', 10_000, 2);
    assert.match(caller.output, /404 Not Found/);
    assert.deepEqual(await states(), []);
  });
});
