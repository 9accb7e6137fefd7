import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip } from '../src/baresip.ts';
import { configuration, demo } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';

const CALLEE = '442079460000';
const SECONDS = 3;
let callee: Baresip | undefined;

onEachWay(
  'baresip',
  {
    usual: 'real',
    setUp: async (running) => {
      callee = await Baresip.start({ user: CALLEE });
      await running.configure(configuration(callee.port, await freePort()));
    },
    tearDown: async () => callee?.stop(),
  },
  (theSwitch) => {
    test('CALL-08 a phone calls through the switch: audio flows directly, one CDR', async () => {
      const { sip, api } = theSwitch();
      const phone = await Baresip.start({
        user: demo.phone,
        password: demo.password,
        outbound: sip,
      });
      assert.ok(callee !== undefined);
      try {
        phone.dial(`sip:${CALLEE}@${sip.address}:${String(sip.port)}`);
        await phone.event('CALL_ESTABLISHED');
        await sleep(SECONDS * 1000);
        phone.hangUp();
        await Promise.all([phone.event('CALL_CLOSED'), callee.event('CALL_CLOSED')]);
        const [here, there] = await Promise.all([phone.audioCounts(), callee.audioCounts()]);
        // 50 packets a second each way; some get lost at the start and the end.
        for (const { sent, received } of [here, there]) {
          assert.ok(sent > SECONDS * 40, String(sent));
          assert.ok(received > SECONDS * 40, String(received));
        }
        assert.ok(callee.mediaPorts.includes(await phone.audioSource()));
        assert.ok(phone.mediaPorts.includes(await callee.audioSource()));
        const cdrs = await api.cdrCount(1);
        assert.deepEqual(
          cdrs.map(({ price, origin, reason }) => [price, origin?.name, reason]),
          [[demo.price, demo.phone, 'NormalClearing']],
        );
      } finally {
        await phone.stop();
      }
    });
  },
);
