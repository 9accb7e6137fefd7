/**
 * Calls of a phone behind a NAT, in network namespaces. Runs in one of its own (`unshare --net`), where the switch, its relay and
 * the carriers are; prints what was seen of each call as a line of JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip } from '../baresip.ts';
import { demo } from '../configuration.ts';
import { MediaBench } from '../media-bench.ts';
import type { NatCall } from './nat-call.ts';
import { NatNetwork, addresses } from './network.ts';

const plans = [
  { hangsUp: 'phone', number: '442079460000' },
  { hangsUp: 'carrier', number: '442079460001' },
] as const;

const network = await NatNetwork.make();
const bench = await MediaBench.start({ addresses: [addresses.switch] });
const carriers = await Promise.all(
  plans.map(({ number }) => Baresip.start({ user: number, address: addresses.switch })),
);
try {
  await bench.anchor(
    carriers.map(({ port }, index) => ({
      number: plans[index]?.number ?? '',
      address: addresses.switch,
      port,
    })),
  );
  for (const [index, plan] of plans.entries()) {
    const carrier = carriers[index];
    if (carrier === undefined) throw new Error('a carrier for each call');
    process.stdout.write(`${JSON.stringify(await call(plan, carrier))}\n`);
  }
} finally {
  await Promise.all(carriers.map((carrier) => carrier.stop()));
  await bench.stop();
  await network.remove();
}

/** Talks, holds, resumes, talks, and one hangs up. */
async function call(
  { hangsUp, number }: (typeof plans)[number],
  carrier: Baresip,
): Promise<NatCall> {
  const phone = await Baresip.start({
    user: demo.phone,
    password: demo.password,
    outbound: bench.running.sip,
    address: addresses.phone,
    within: network.phone,
  });
  try {
    phone.dial(bench.uri(number));
    await Promise.all([phone.event('CALL_ESTABLISHED'), carrier.event('CALL_ESTABLISHED')]);
    await sleep(1000);
    // A re-INVITE from outside has to find its way in, one from inside to get out again.
    for (const side of [carrier, phone]) {
      side.hold();
      await side.answersToReinvite(1);
      await sleep(300);
      side.resume();
      await side.answersToReinvite(2);
    }
    await sleep(1000);
    (hangsUp === 'phone' ? phone : carrier).hangUp();
    await Promise.all([phone.event('CALL_CLOSED'), carrier.event('CALL_CLOSED')]);
    const { endedBy, media } = await bench.nextCdr();
    const [heardByPhone, heardByCarrier] = await Promise.all([
      phone.audioCounts(),
      carrier.audioCounts(),
    ]);
    return {
      hangsUp,
      endedBy,
      phone: heardByPhone,
      carrier: heardByCarrier,
      fromPhone: media?.a?.packets ?? 0,
      fromCarrier: media?.b?.packets ?? 0,
    };
  } finally {
    await phone.stop();
  }
}
