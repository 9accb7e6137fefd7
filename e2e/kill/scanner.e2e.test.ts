import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAllinone } from '../src/allinone-switch.ts';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask } from '../src/asking-client.ts';
import { configuration, demo } from '../src/configuration.ts';
import { isSoak } from '../src/kill/trial-table.ts';
import { residentMegabytes } from '../src/resident-memory.ts';
import { scan } from '../src/scanning.ts';
import type { SwitchApi } from '../src/switch-api.ts';

const load = isSoak
  ? { perSecond: 1000, seconds: 600, addresses: 200, callEveryMs: 1000 }
  : { perSecond: 200, seconds: 8, addresses: 20, callEveryMs: 1000 };
/** What strangers may add within a minute: entries and calls of names that nobody has, of addresses, and one of all for each cause. */
const MOST_A_MINUTE = { entries: 200 + 200 + 20, cdrs: 200 };

test(
  `OPS-10 AUTH-08 a scanner sends ${String(load.perSecond)} requests/s for ${String(load.seconds)} s: records are bounded, calls are made`,
  { timeout: 3_600_000 },
  async (t) => {
    const carrier = await AnsweringCarrier.start(new Map([['44', [{ code: 180 }, { code: 200 }]]]));
    t.after(() => {
      carrier.close();
    });
    const running = await startAllinone();
    t.after(() => running.stop());
    await running.configure(configuration(carrier.port, carrier.port));
    const pid = running.processes.get('allinone')?.pid ?? 0;
    const before = await residentMegabytes(pid);
    const over = new AbortController();
    const calls = callWhile(over.signal, running.sip);
    const sent = await scan(running.sip, load);
    over.abort();
    const codes = await calls;
    const after = await residentMegabytes(pid);

    const minutes = Math.ceil(load.seconds / 60) + 1;
    const entries = await all(running.api, 'journal', 'entries');
    const cdrs = await all(running.api, 'cdrs', 'cdrs');
    const counted = entries.reduce((sum, { count = 0 }) => sum + Number(count), 0);
    t.diagnostic(
      `${String(sent)} requests, ${String(codes.length)} calls, ${String(entries.length)} entries that count ${String(counted)}, ${String(cdrs.length)} CDRs, ${before.toFixed(0)} MB before and ${after.toFixed(0)} MB after`,
    );
    assert.deepEqual(
      codes.filter((code) => code !== 200),
      [],
    );
    assert.ok(counted > 0);
    assert.ok(entries.length <= minutes * MOST_A_MINUTE.entries, String(entries.length));
    assert.ok(cdrs.length <= codes.length + minutes * MOST_A_MINUTE.cdrs, String(cdrs.length));
  },
);

/** Calls of a trunk, one after the other. @returns what each was answered */
async function callWhile(
  signal: AbortSignal,
  target: { readonly address: string; readonly port: number },
): Promise<readonly number[]> {
  const codes: number[] = [];
  while (!signal.aborted) {
    const { status } = await ask({
      method: 'INVITE',
      from: '441632960100',
      to: '442079460000',
      address: demo.trunkAddress,
      target,
      holdMs: load.callEveryMs,
    });
    codes.push(status);
  }
  return codes;
}

interface Page {
  readonly nextCursor?: string | null;
  readonly [list: string]: unknown;
}

/** Every page of a list. */
async function all(
  api: SwitchApi,
  path: string,
  list: string,
): Promise<readonly { readonly count?: unknown }[]> {
  const rows: { readonly count?: unknown }[] = [];
  let cursor: string | null | undefined = '';
  do {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await api.get(`/api/v1/${path}?limit=1000${query}`)) as Page;
    rows.push(...(page[list] as { readonly count?: unknown }[]));
    cursor = page.nextCursor;
  } while (cursor !== undefined && cursor !== null && cursor !== '');
  return rows;
}
