import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip } from '../src/baresip.ts';
import { demo } from '../src/configuration.ts';
import { CALLEE, MediaBench } from '../src/media-bench.ts';
import { until } from '../src/until.ts';

const OTHER_CALLEE = '442079460001';

describe('clients with anchored media', { timeout: 120_000 }, () => {
  let bench: MediaBench;
  let secure: Baresip;
  let ofIpv6: Baresip;
  before(async () => {
    [bench, secure, ofIpv6] = await Promise.all([
      MediaBench.start(),
      Baresip.start({ user: CALLEE, encryption: 'srtp-mand' }),
      Baresip.start({ user: OTHER_CALLEE, address: '::1' }),
    ]);
    await bench.anchor(
      [
        { port: secure.port, media: { srtp: 'sdes', record: true } },
        {
          number: OTHER_CALLEE,
          address: '::1',
          port: ofIpv6.port,
          media: { srtp: 'none', ice: 'remove', addressFamily: 'ipv6' },
        },
      ],
      { srtp: 'dtls', ice: 'force', addressFamily: 'ipv4' },
    );
  });
  after(() => Promise.all([secure.stop(), ofIpv6.stop(), bench.stop()]));

  test('CALL-08 SRTP at one side and RTP at the other: digits, hold and resume, the caller hangs up, and the relay records it', async (t) => {
    const callee = secure;
    const phone = await Baresip.start({
      user: demo.phone,
      password: demo.password,
      outbound: bench.running.sip,
    });
    t.after(() => phone.stop());
    phone.dial(bench.uri());
    await Promise.all([phone.event('CALL_ESTABLISHED'), callee.event('CALL_ESTABLISHED')]);
    await sleep(500);
    // RFC 4733 §2.5.1.3: an event that ends before it is long enough is not heard by all.
    await press(phone, '5', callee);
    await press(callee, '3', phone);
    phone.hold();
    await phone.answersToReinvite(1);
    phone.resume();
    await phone.answersToReinvite(2);
    callee.hold();
    await callee.answersToReinvite(1);
    callee.resume();
    await callee.answersToReinvite(2);
    await sleep(1000);
    phone.hangUp();
    await Promise.all([phone.event('CALL_CLOSED'), callee.event('CALL_CLOSED')]);
    const cdr = await bench.nextCdr();
    const [here, there] = await Promise.all([phone.audioCounts(), callee.audioCounts()]);
    assert.equal(cdr.endedBy, 'caller');
    const counts = JSON.stringify([here, there, cdr.media]);
    for (const [{ received }, from] of [
      [here, cdr.media?.b],
      [there, cdr.media?.a],
    ] as const) {
      const packets = from?.packets ?? 0;
      // What comes before the keys of both sides are known cannot be passed on.
      assert.ok(packets > 60 && received > packets - 50 && received > 30, counts);
    }
    assert.doesNotMatch(callee.output, /failed to decrypt/);
    assert.equal((await bench.recordings()).length, 1);
  });

  test('CALL-08 DTLS-SRTP with ICE over IPv4 at one side, RTP over IPv6 at the other; the callee hangs up', async (t) => {
    const callee = ofIpv6;
    const trunk = await Baresip.start({
      user: 'pbx',
      outbound: bench.running.sip,
      address: demo.trunkAddress,
      encryption: 'dtls_srtp',
      hasIce: true,
    });
    t.after(() => trunk.stop());
    trunk.dial(bench.uri(OTHER_CALLEE));
    await Promise.all([trunk.event('CALL_ESTABLISHED'), callee.event('CALL_ESTABLISHED')]);
    await sleep(2500);
    callee.hangUp();
    await Promise.all([trunk.event('CALL_CLOSED'), callee.event('CALL_CLOSED')]);
    const cdr = await bench.nextCdr();
    const [here, there] = await Promise.all([trunk.audioCounts(), callee.audioCounts()]);
    assert.equal(cdr.endedBy, 'callee');
    assert.match(trunk.output, /DTLS-SRTP complete \(audio\/RTP\)/);
    assert.match(callee.output, /receiving from \[::1\]/);
    for (const { received } of [here, there]) assert.ok(received > 80, String(received));
  });
});

/** One sends a digit, and the other hears it. */
async function press(from: Baresip, digit: string, to: Baresip): Promise<void> {
  from.press(digit);
  await until(`digit ${digit}`, () => to.digits.endsWith(digit));
}
