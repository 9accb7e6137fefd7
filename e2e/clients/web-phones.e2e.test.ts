import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ClientSwitch } from '../src/clients/client-switch.ts';
import { ExpectedCdrs } from '../src/clients/phone-checks.ts';
import type { ConfigurationDocument } from '../src/configuration.ts';
import { until } from '../src/until.ts';
import { Chromium } from '../src/web-phones/chromium.ts';
import { WebPhone, type WebLibrary } from '../src/web-phones/web-phone.ts';

const DESK = '1001';
const OTHER_DESK = '1002';
const WEB = '2001';
const OTHER_WEB = '2002';
/** Of 50 packets a second. */
const HEARD = 50;

const libraries: readonly WebLibrary[] = ['jssip', 'sip.js'];

describe('phones in Chromium', { timeout: 240_000 }, () => {
  let bench: ClientSwitch;
  let browser: Chromium;
  const cdrs = new ExpectedCdrs(() => bench.running.api);
  before(async () => {
    [bench, browser] = await Promise.all([
      ClientSwitch.start({ configure: relaysTransfers, isRespawning: true }),
      Chromium.start(),
    ]);
  });
  after(() => Promise.all([bench.stop(), browser.stop()]));

  async function open(
    library: WebLibrary,
    user: string,
    transport: 'ws' | 'wss',
  ): Promise<WebPhone> {
    const page = await browser.open();
    const phone = await WebPhone.start(page, library, bench.webAccount(user, transport));
    await phone.event('registered');
    return phone;
  }

  for (const library of libraries) {
    for (const transport of ['ws', 'wss'] as const) {
      test(`CALL-08 REG-01 ${library} over ${transport} and baresip: either calls, holds and hangs up, and both hear the other`, async (t) => {
        const phone = await open(library, WEB, transport);
        const desk = await bench.baresip(DESK);
        t.after(() => Promise.all([phone.stop(), desk.stop()]));
        desk.dial(bench.uri(WEB));
        await Promise.all([phone.event('established'), desk.event('CALL_ESTABLISHED')]);
        await hears(phone);
        await phone.hold();
        await phone.event('held');
        await phone.resume();
        await phone.event('resumed');
        await phone.hangUp();
        await Promise.all([phone.event('ended'), desk.event('CALL_CLOSED')]);
        const { received } = await desk.audioCounts();
        assert.ok(received > HEARD / 2, `${String(received)} packets`);

        await phone.dial(bench.uri(DESK));
        await phone.event('established', 2);
        await hears(phone);
        desk.hold();
        await desk.answersToReinvite(1);
        desk.resume();
        await desk.answersToReinvite(2);
        desk.hangUp();
        await phone.event('ended', 2);
        await cdrs.next([
          ['phone 2001', 'callee'],
          ['phone 1001', 'callee'],
        ]);
      });
    }
  }

  for (const library of libraries) {
    test(`CALL-04 ${library} transfers a call to another phone`, async (t) => {
      const [phone, desk, other] = await Promise.all([
        open(library, WEB, 'wss'),
        bench.baresip(DESK),
        bench.baresip(OTHER_DESK),
      ]);
      t.after(() => Promise.all([phone, desk, other].map((each) => each.stop())));
      desk.dial(bench.uri(WEB));
      await phone.event('established');
      await phone.transfer(bench.uri(OTHER_DESK));
      await Promise.all([phone.event('transferred'), other.event('CALL_ESTABLISHED')]);
      await phone.hangUp();
      await phone.event('ended');
      other.hangUp();
      await desk.event('CALL_CLOSED');
      await cdrs.next([
        ['phone 2001', 'callee'],
        ['phone 1002', 'callee'],
      ]);
    });
  }

  for (const library of libraries) {
    test(`REG-01 CALL-06 ${library} comes back by itself when the pod with its connection is killed, and is called`, async (t) => {
      const [phone, desk] = await Promise.all([open(library, WEB, 'wss'), bench.baresip(DESK)]);
      t.after(() => Promise.all([phone.stop(), desk.stop()]));
      const { registrations } = (await bench.running.api.get(
        '/api/v1/registrations',
      )) as RegistrationList;
      const { edge = '' } = registrations.find((each) => each.phone === WEB) ?? {};
      bench.running.cluster.kill(edge);
      await phone.event('disconnected');
      await phone.event(
        library === 'jssip' ? 'registered' : 'registered again',
        library === 'jssip' ? 2 : 1,
      );
      desk.dial(bench.uri(WEB));
      await phone.event('established');
      desk.hangUp();
      await phone.event('ended');
      await cdrs.next([['phone 2001', 'caller']]);
    });
  }

  test('CALL-08 JsSIP calls SIP.js: browsers need no relay for each other', async (t) => {
    const caller = await open('jssip', WEB, 'wss');
    const callee = await open('sip.js', OTHER_WEB, 'ws');
    t.after(() => Promise.all([caller.stop(), callee.stop()]));
    await caller.dial(bench.uri(OTHER_WEB));
    await Promise.all([caller.event('established'), callee.event('established')]);
    await Promise.all([hears(caller), hears(callee)]);
    await caller.hangUp();
    await Promise.all([caller.event('ended'), callee.event('ended')]);
    const [cdr] = await cdrs.next([['phone 2002', 'caller']]);
    assert.equal(cdr?.media, null);
  });
});

interface RegistrationList {
  readonly registrations: readonly { readonly phone: string; readonly edge: string }[];
}

function relaysTransfers({ parameters }: ConfigurationDocument): void {
  parameters['SS_SIP_RELAY_REFER'] = true;
}

/** Waits until it has heard a second of the other. */
async function hears(phone: WebPhone): Promise<void> {
  await until('it hears the other', async () => (await phone.audioReceived()) > HEARD);
}
