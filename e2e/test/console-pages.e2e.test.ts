import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { callAsPhone } from '../src/calling.ts';
import type { ConsolePage, View } from '../src/console/console-browser.ts';
import { startConsoleBench, type ConsoleBench } from '../src/console/console-bench.ts';
import { consolePages, type ConsoleSubjects } from '../src/console/console-pages.ts';
import { makeConsoleSubjects } from '../src/console/console-subjects.ts';

/** Where screenshots of every page go; none are made without. */
const shots = process.env['TANDEM_CONSOLE_SHOTS'];
/** Bytes of script as they come over the network: what a page may have before it is shown. */
const MOST_SCRIPT = 150 * 1024;
const GATEWAY = 'carrier-a';

/** Those with most on them. */
const heaviest = new Set(['now', 'calls', 'cdrs', 'call', 'gateways', 'registrations', 'new-gateway', 'analysis']); // prettier-ignore

/** What a page is looked at in, one after the other: of the dark colours all that differs is contrast. */
const views = [
  { scheme: 'light', width: 1280, isForAll: true },
  { scheme: 'dark', width: 1280, isForAll: true, rule: 'color-contrast' },
  { scheme: 'light', width: 360, isForAll: true },
  { scheme: 'dark', width: 3840, isForAll: false },
] as const satisfies (View & { readonly rule?: string; readonly isForAll: boolean })[];

async function shoot({ page }: ConsolePage, name: string): Promise<void> {
  if (shots === undefined) return;
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

describe('the pages of the console', { timeout: 560_000 }, () => {
  let bench: ConsoleBench;
  let subjects: ConsoleSubjects;
  before(async () => {
    bench = await startConsoleBench({ isAnswered: true });
    await callAsPhone(bench.running, '442079460000', { pauseMs: 500 });
    subjects = await makeConsoleSubjects(bench.running.api, GATEWAY);
  });
  after(() => bench.stop());

  test('OPS-01 nothing on any page shuts people out, in light and dark, none is too wide from 360 to 3840 pixels, and no script fails', async () => {
    const window = await bench.browser.open();
    await window.signIn(bench.running.api.token);
    for (const { name, path, title } of consolePages(subjects)) {
      await window.turn({});
      await window.go(path, title);
      await window.settle();
      for (const view of views) {
        const { scheme, width, isForAll } = view;
        if (!isForAll && !heaviest.has(name)) continue;
        await window.turn(view);
        const where = `${name}, ${scheme}, ${String(width)} pixels`;
        // What a narrow window has besides is the same on every page.
        if (width >= 1280 || heaviest.has(name))
          assert.deepEqual(
            await window.barriers('rule' in view ? view.rule : undefined),
            [],
            where,
          );
        assert.equal(await window.isTooWide(), false, `${where}: wider than its window`);
        await shoot(window, `${name}-${scheme}-${String(width)}`);
      }
    }
    assert.deepEqual(window.faults, []);
    await window.close();
  });

  test('BILL-06 BILL-01 the page of a re-rating says as what each account is charged: customer, or reseller above it', async () => {
    const window = await bench.browser.open({ scheme: 'light', width: 1280 });
    await window.signIn(bench.running.api.token);
    await window.go(`/reratings/${String(subjects.reratingId)}`, /^Re-rating \d/);
    await window.settle();
    const sums = window.page.getByRole('table', { name: 'Sums' }).locator('tbody tr');
    const told = (await sums.allInnerTexts()).map((row) => row.split(/\s+/).slice(0, 3));
    assert.deepEqual(told, [['demo', 'customer', '1'], ['wholesale', 'reseller', '1']]); // prettier-ignore
    await window.close();
  });

  test('OPS-01 no page needs more than 150 KB of script before it is shown, and nothing comes from elsewhere', async () => {
    const hosts = new Set<string>();
    for (const { name, path, title } of consolePages(subjects)) {
      if (!heaviest.has(name)) continue;
      const window = await bench.browser.open();
      const sizes: Promise<number>[] = [];
      window.page.on('response', (response) => {
        const { host, pathname } = new URL(response.url());
        hosts.add(host);
        if (!pathname.endsWith('.js')) return;
        sizes.push(response.request().sizes().then((size) => size.responseBodySize)); // prettier-ignore
      });
      await window.page.goto(path);
      await window.offerToken(bench.running.api.token);
      await window.title(title);
      await window.settle();
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 50_000 && bytes < MOST_SCRIPT, `${name}: ${String(bytes)} bytes of script`);
      await window.close();
    }
    assert.deepEqual([...hosts], [new URL(bench.running.api.base).host]);
  });
});
