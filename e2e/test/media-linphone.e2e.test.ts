import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip } from '../src/baresip.ts';
import { demo } from '../src/configuration.ts';
import { isSoak } from '../src/kill/trial-table.ts';
import { Linphone, type LinphoneOptions } from '../src/linphone.ts';
import { CALLEE, MediaBench } from '../src/media-bench.ts';
import { until } from '../src/until.ts';

interface Case {
  readonly title: string;
  readonly calls: 'linphone' | 'baresip';
  readonly linphone?: Partial<LinphoneOptions>;
  readonly baresip?: { readonly encryption: 'srtp-mand' | 'dtls_srtp' };
  /** What the carrier's gateway says. */
  readonly b?: object;
  readonly hangsUp: 'linphone' | 'baresip';
}

const cases: readonly Case[] = [
  { title: 'linphone calls and hangs up', calls: 'linphone', hangsUp: 'linphone' },
  { title: 'linphone calls, baresip hangs up', calls: 'linphone', hangsUp: 'baresip' },
  { title: 'baresip calls, linphone hangs up', calls: 'baresip', hangsUp: 'linphone' },
  { title: 'baresip calls and hangs up', calls: 'baresip', hangsUp: 'baresip' },
  {
    title: 'linphone has digits by INFO, baresip telephone events',
    calls: 'linphone',
    linphone: { hasInfo: true },
    b: { dtmf: 'rfc4733' },
    hangsUp: 'linphone',
  },
  {
    title: 'linphone calls with SRTP, baresip has RTP',
    calls: 'linphone',
    linphone: { hasKeys: true },
    b: { srtp: 'none' },
    hangsUp: 'baresip',
  },
  {
    title: 'baresip calls with RTP, linphone has SRTP',
    calls: 'baresip',
    linphone: { hasKeys: true },
    b: { srtp: 'sdes' },
    hangsUp: 'linphone',
  },
  {
    title: 'linphone calls with SRTP by keys, baresip has it by DTLS',
    calls: 'linphone',
    linphone: { hasKeys: true },
    baresip: { encryption: 'dtls_srtp' },
    b: { srtp: 'dtls' },
    hangsUp: 'baresip',
  },
];

describe(
  'linphone with anchored media',
  { skip: isSoak ? false : 'make soak only: it installs linphone' },
  () => {
    let bench: MediaBench;
    before(async () => {
      bench = await MediaBench.start();
    });
    after(() => bench.stop());

    for (const each of cases) {
      test(`CALL-08 ${each.title}: digits, holds and resumes of both, no packet is lost, the CDR within a second`, async (t) => {
        const pair = await startPair(each, bench);
        const { linphone, baresip } = pair;
        t.after(() => Promise.all([linphone.stop(), baresip.stop()]));
        await baresip.event('CALL_ESTABLISHED');
        await linphone.wrote('Media streams established');
        await sleep(2000);
        await pressDigits(pair, each);
        await holdAndResume(pair);
        await sleep(2500);
        (each.hangsUp === 'linphone' ? linphone : baresip).hangUp();
        await Promise.all([baresip.event('CALL_CLOSED'), linphone.wrote('ended')]);
        const { endedBy, media } = await bench.nextCdr();
        const [counts, ortp] = await Promise.all([baresip.audioCounts(), linphone.audioCounts()]);
        const seen = JSON.stringify({ counts, ortp, media });
        assert.equal(endedBy, each.calls === each.hangsUp ? 'caller' : 'callee');
        assert.equal(ortp.lost, 0, seen);
        assert.ok(ortp.received > 80 && counts.received > 200, seen);
        for (const side of [media?.a, media?.b]) assert.ok((side?.packets ?? 0) > 200, seen);
        // The last packets of a digit have one number (RFC 4733 §2.5.1.4), which libre takes for a replay.
        assert.doesNotMatch(baresip.output, /failed to decrypt (?!.*already in progress)/);
      });
    }
  },
);

interface Pair {
  readonly linphone: Linphone;
  readonly baresip: Baresip;
}

/** Both, and one of them dials. */
async function startPair(each: Case, bench: MediaBench): Promise<Pair> {
  const caller = { user: demo.phone, password: demo.password, outbound: bench.running.sip };
  const callee = { user: CALLEE };
  const isCaller = each.calls === 'linphone';
  const [linphone, baresip] = await Promise.all([
    Linphone.start({ ...(isCaller ? caller : callee), ...each.linphone }),
    Baresip.start({ ...(isCaller ? callee : caller), ...each.baresip }),
  ]);
  const { port } = isCaller ? baresip : linphone;
  await bench.anchor([{ port, media: each.b ?? {} }]);
  (isCaller ? linphone : baresip).dial(bench.uri());
  return { linphone, baresip };
}

async function pressDigits({ linphone, baresip }: Pair, each: Case): Promise<void> {
  for (const digit of ['5', '#']) {
    await linphone.press(digit);
    await until(`digit ${digit}`, () => baresip.digits.endsWith(digit));
  }
  // linphone offers no events where it sends digits by INFO.
  if (each.linphone?.hasInfo === true) return;
  baresip.press('3');
  await until('digit 3', () => linphone.digits.endsWith('3'));
}

async function holdAndResume({ linphone, baresip }: Pair): Promise<void> {
  linphone.hold();
  await linphone.wrote('is now paused');
  await sleep(1000);
  linphone.resume();
  await linphone.wrote('Media streams established', 2);
  await sleep(1000);
  baresip.hold();
  await baresip.answersToReinvite(1);
  await sleep(1000);
  baresip.resume();
  await baresip.answersToReinvite(2);
}
