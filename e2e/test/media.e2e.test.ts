import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnRtpengine } from '@tandem/testing';
import { Baresip } from '../src/baresip.ts';
import { configuration, demo } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';
import { ways } from '../src/running-switch.ts';

const CALLEE = '442079460000';
const SECONDS = 3;

for (const way of ways) {
  test(`CALL-08 a phone calls through a media relay: no packet is lost, and the CDR has its figures within a second (${way})`, async (t) => {
    const relay = await OwnRtpengine.start();
    const name = `127.0.0.1:${String(relay.port)}`;
    const running = await startSwitch(way, { rtpengines: `udp:${name}` });
    const callee = await Baresip.start({ user: CALLEE });
    const { sip, api } = running;
    const phone = await Baresip.start({ user: demo.phone, password: demo.password, outbound: sip });
    t.after(async () => {
      await Promise.all([phone.stop(), callee.stop()]);
      await running.stop();
      await relay.kill();
    });
    const document = configuration(callee.port, await freePort());
    for (const gateway of document.routingGateways) gateway['media'] = { mode: 'anchor' };
    await running.configure(document);
    phone.dial(`sip:${CALLEE}@${sip.address}:${String(sip.port)}`);
    await phone.event('CALL_ESTABLISHED');
    await sleep(SECONDS * 1000);
    callee.hangUp();
    await Promise.all([phone.event('CALL_CLOSED'), callee.event('CALL_CLOSED')]);
    const endedMs = Date.now();
    const [cdr] = await api.cdrCount(1);
    assert.ok(Date.now() - endedMs < 1500);
    const [here, there] = await Promise.all([phone.audioCounts(), callee.audioCounts()]);
    for (const { sent, received } of [here, there]) {
      assert.ok(sent > SECONDS * 40, String(sent));
      assert.ok(received > SECONDS * 40, String(received));
    }
    // Audio comes from the relay, not from the other phone.
    assert.ok(!callee.mediaPorts.includes(await phone.audioSource()));
    assert.ok(!phone.mediaPorts.includes(await callee.audioSource()));
    assert.equal(cdr?.media?.relay, name);
    assert.ok((cdr.media.a?.packets ?? 0) > SECONDS * 40);
    assert.ok((cdr.media.b?.packets ?? 0) > SECONDS * 40);
    assert.equal(cdr.endedBy, 'callee');
  });
}
