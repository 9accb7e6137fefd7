import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutboundAnswer } from '@tandem/proto/outbound';
import { silentLogger } from '@tandem/service';
import { MemoryOutboundStore } from '../src/adapters/memory-outbound-store.ts';
import { OutboundRegistrations } from '../src/outbound/outbound-registrations.ts';
import { outboundAfter, settingsOf } from './outbound-store-contract.ts';

const NOW = 1_000_000;

test('REG-08 carriers that do not have our registration are told with since when, and with what they said; a refresh that fails changes nothing while it lasts', async () => {
  let nowMs = NOW;
  const store = new MemoryOutboundStore(() => nowMs);
  const settings = ['bound', 'refused', 'new'].map((gateway) => settingsOf({ gateway }));
  const said = (code: number, expires = 60) =>
    ({
      kind: 'answered',
      answer: OutboundAnswer.fromPartial({ code, reason: 'said', expires, contact: 'sip:c@x' }),
      cseq: 2,
      random: 0.5,
      newCallId: 'next',
    }) as const;
  const take = { kind: 'take', edge: 'a' } as const;
  for (const [gateway, inputs] of [
    ['bound', [take, said(200), take, said(503)]],
    ['refused', [take, said(403)]],
  ] as const) {
    const outbound = outboundAfter([...inputs], { settings: settingsOf({ gateway }) });
    await store.write(gateway, await store.read(gateway), outbound);
  }
  const registrations = new OutboundRegistrations({
    store,
    table: () => ({ version: 1, settings: new Map(settings.map((each) => [each.gateway, each])) }),
    places: { find: () => ({ kind: 'nowhere', cause: '', isEarly: true }) },
    random: () => 0.5,
    newCallId: () => 'id',
    logger: silentLogger(),
  });
  const rows = async () =>
    (await registrations.unregistered()).carriers.map(({ gateway, last, sinceMs, state }) => [gateway, state, sinceMs, last]); // prettier-ignore
  assert.deepEqual(await rows(), [
    ['refused', 'refused', NOW, '403 said'],
    // No edge has asked for it yet.
    ['new', 'registering', NOW, ''],
  ]);
  nowMs += 60_000;
  const [bound] = await rows();
  assert.deepEqual(bound, ['bound', 'refused', NOW + 60_000, '503 said']);
});
