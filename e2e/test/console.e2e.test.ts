import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { callAsPhone, callAsTrunk } from '../src/calling.ts';
import { startConsoleBench, type ConsoleBench } from '../src/console/console-bench.ts';
import type { ConsolePage } from '../src/console/console-browser.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { until } from '../src/until.ts';

const CALLEE = '442079460000';
const GATEWAY = 'carrier-new';
describe('the console', { timeout: 280_000 }, () => {
  let bench: ConsoleBench;
  let running: RunningSwitch;
  let window: ConsolePage;

  before(async () => {
    bench = await startConsoleBench({ isAnswered: false });
    ({ running } = bench);
    window = await bench.browser.open();
  });
  after(() => bench.stop());

  test('OPS-01 nobody is let in with a wrong token, and is told so', async () => {
    const { page } = window;
    await page.goto('/cdrs');
    await window.offerToken('guessed');
    await page.getByRole('alert').waitFor();
    await window.signIn(running.api.token);
  });

  test('OPS-01 a gateway is added: mistakes are told at their fields, and what changes is shown before', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Gateways', exact: true }).click();
    await page.getByRole('link', { name: 'Add a gateway' }).click();
    await page.getByLabel('Name needed').fill(GATEWAY);
    await page.getByLabel('Prefixes needed').fill('44');
    await page.getByLabel('Line limit').fill('-1');
    await page.getByLabel('Addresses').fill(`127.0.0.1:${String(bench.carrier.port)}`);
    await page.getByRole('button', { name: 'Review' }).click();
    await page.locator('.field.bad').getByText('Line limit').waitFor();
    await page.getByLabel('Line limit').fill('20');
    await page.getByRole('button', { name: 'Review' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText(`routing gateway ${GATEWAY}`).waitFor();
    await dialog.getByLabel('Note for the version').fill('by the console');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await window.title(GATEWAY);
    await until(
      'calls go there',
      async () => (await running.api.route('1001', CALLEE)).reason === '',
    );
  });

  test('OPS-09 a call through it is found by its number, and explained', async () => {
    await callAsPhone(running, CALLEE, { pauseMs: 500 });
    const [cdr] = await running.api.cdrCount(1);
    assert.equal(cdr?.code, 200, cdr?.reason);
    const { page } = window;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill(CALLEE);
    await page.getByRole('option', { name: new RegExp(`1001 → ${CALLEE}`) }).click();
    await window.title(`1001 → ${CALLEE}`);
    await page
      .getByText(new RegExp(`Answered by ${GATEWAY}`))
      .first()
      .waitFor();
    await page.getByText('0.0123 USD', { exact: true }).waitFor();
  });

  test('OPS-09 its SIP messages stand on a ladder, each with its text, and are saved as a capture', async () => {
    const { page } = window;
    const ladder = page.getByRole('region', { name: 'SIP messages' });
    await ladder.getByRole('button', { name: /BYE/ }).nth(1).waitFor();
    await ladder
      .getByRole('button', { name: /INVITE/ })
      .first()
      .focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await ladder.getByText(/Proxy-Authenticate: Digest/).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download pcap' }).click();
    const capture = await readFile(await (await saved).path());
    assert.equal(capture.readUInt32LE(0), 0xa1b2c3d4);
    assert.match(capture.toString('latin1'), new RegExp(`INVITE sip:${CALLEE}@`));
  });

  test('ROUTE-10 a file of numbers is imported after it was shown what comes, and a wrong line is named', async () => {
    const { page } = window;
    await window.go('/numbers', 'Numbers in lists');
    await page.getByRole('link', { name: 'vip' }).click();
    const file = page.getByLabel(/^CSV file/);
    const upload = (text: string) =>
      file.setInputFiles({ name: 'vip.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    const dialog = page.locator('dialog');
    await upload(`number\n${CALLEE}\nnobody\n`);
    await dialog
      .getByRole('alert')
      .getByText(/nobody/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await upload(`number\n${CALLEE}\n442079460001\n`);
    await dialog.getByText(/^2 numbers come, 0 go/).waitFor();
    await dialog.getByLabel('Note for the version').fill('by a file');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('cell', { name: 'by a file' }).waitFor();
    await page.getByLabel('Number', { exact: true }).fill(CALLEE);
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByText(`${CALLEE} is in it, as ${CALLEE}.`).waitFor();
  });

  test('OPS-12 a user is added and changed, and the audit log says what was before', async () => {
    const { page } = window;
    await window.go('/users', 'Users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Name/).fill('alice');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Actions for alice' }).click();
    await page.getByRole('menuitem', { name: 'Change …' }).click();
    await dialog.getByLabel('Role').selectOption('billing');
    await dialog.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('cell', { name: 'billing' }).waitFor();
    await window.go('/audit?operation=changeUser', 'Audit log');
    const change = page.getByRole('row', { name: /change user/ });
    await change.locator('del').getByText('operator').waitFor();
    await change.locator('ins').getByText('billing').waitFor();
  });

  test('OPS-09 why another one failed is read on its page', async () => {
    await callAsTrunk(running, CALLEE);
    await running.api.cdrCount(2);
    const { page } = window;
    await window.go('/cdrs', 'CDRs');
    await page.getByLabel('Outcome').selectOption('true');
    await page.getByText('InsufficientBalance').waitFor();
    await page.getByRole('table').getByRole('link').first().click();
    await page
      .getByText(/account poor/i)
      .first()
      .waitFor();
    await page.getByText('What would change it:').waitFor();
  });

  test('OPS-02 a live call is seen, and ended', async () => {
    const { page } = window;
    // Paid for, the trunk may call: its caller waits until the switch ends the call.
    await window.go('/accounts', 'Balances');
    await page.getByRole('button', { name: 'Actions for poor' }).click();
    await page.getByRole('menuitem', { name: 'Book a payment …' }).click();
    await page
      .locator('dialog')
      .getByLabel(/^Amount/)
      .fill('10');
    await page.locator('dialog').getByRole('button', { name: 'Book' }).click();
    await page.getByText('10 USD', { exact: true }).waitFor();

    const calling = callAsTrunk(running, CALLEE, { scenario: 'caller-waits-for-bye' });
    await window.go('/calls', 'Current calls');
    await page.getByRole('button', { name: /Actions for the call of/ }).click();
    await page.getByRole('menuitem', { name: 'Hang up …' }).click();
    await page.locator('dialog').getByLabel('Note for the CDR').fill('end of the test');
    await page.locator('dialog').getByRole('button', { name: 'Hang up' }).click();
    assert.equal((await calling).successful, 1);
    const [cdr] = await running.api.cdrCount(3);
    assert.equal(cdr?.reason, 'EndedByOperator');
    await page.getByText('No call is in progress that fits.').waitFor();
  });

  test('OPS-08 a rate is changed, seen as a version, and rolled back', async () => {
    const { page } = window;
    await window.go('/configuration/rate-groups/standard', 'standard');
    await page.getByLabel('Price per minute of row 1').fill('0.5');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Apply' }).click();
    await window.title('Rates');
    assert.match(await running.api.document(), /pricePerMinute: "0\.5"/);

    await window.go('/versions', 'Versions');
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('cell', { name: '0.0123' }).waitFor();
    await page.getByRole('cell', { name: '0.5', exact: true }).waitFor();
    await page.getByRole('link', { name: /^← / }).click();
    await page.getByRole('button', { name: 'Roll back to it …' }).click();
    await page.locator('dialog').getByText('rate group standard').waitFor();
    await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(/is back$/).waitFor();
    assert.match(await running.api.document(), /pricePerMinute: "0\.0123"/);
  });

  test('OPS-01 of two operators who change one thing the second is told, and nothing is lost', async () => {
    const other = await bench.browser.open();
    await other.signIn(running.api.token);
    const path = `/configuration/routing-gateways/${GATEWAY}`;
    await Promise.all([window.go(path, GATEWAY), other.go(path, GATEWAY)]);
    for (const [each, value] of [
      [window, '30'],
      [other, '40'],
    ] as const) {
      await each.page.getByLabel('Line limit').fill(value);
      await each.page.getByRole('button', { name: 'Review' }).click();
      await each.page.locator('dialog').waitFor();
    }
    await window.page.locator('dialog').getByRole('button', { name: 'Apply' }).click();
    await window.title('Routing gateways');
    await other.page.locator('dialog').getByRole('button', { name: 'Apply' }).click();
    await other.page.locator('dialog').getByRole('alert').waitFor();
    const { lineLimit } = (await running.api.get(
      `/api/v1/configuration/routing-gateways/${GATEWAY}`,
    )) as { lineLimit: number };
    assert.equal(lineLimit, 30);
    await other.close();
  });

  test('OPS-05 a parameter is found, refused out of its range, set, and put back', async () => {
    const { page } = window;
    await window.go('/parameters', 'Parameters');
    await page.getByLabel('Search').fill('SS_SIP_TIMEOUT_INVITE');
    await page.getByRole('button', { name: 'Actions for SS_SIP_TIMEOUT_INVITE' }).click();
    await page.getByRole('menuitem', { name: 'Change …' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Value/).fill('5000');
    await dialog.getByRole('button', { name: 'Set' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/1 to 300/)
      .waitFor();
    await dialog.getByLabel(/^Value/).fill('7');
    await dialog.getByRole('button', { name: 'Set' }).click();
    const row = page.getByRole('row').filter({ hasText: 'SS_SIP_TIMEOUT_INVITE' });
    await row.getByRole('cell', { name: /^7 s/ }).waitFor();
    await page.getByRole('button', { name: 'Actions for SS_SIP_TIMEOUT_INVITE' }).click();
    await page.getByRole('menuitem', { name: 'Put back to the default' }).click();
    await row.getByRole('cell', { name: /^7 s/ }).waitFor({ state: 'detached' });
  });

  test('OPS-01 a list is saved as CSV', async () => {
    const { page } = window;
    await window.go('/gateways', 'Gateways');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const text = await readFile(await (await saved).path(), 'utf8');
    assert.match(text, /^name,type,/);
    assert.match(text, new RegExp(`^${GATEWAY},`, 'm'));
  });

  test('OPS-03 a phone is traced: what passes is shown as it does, until it is ended', async () => {
    const { page } = window;
    await window.go('/traces?kind=phone&of=1001', 'Traces');
    await page.getByRole('button', { name: 'Start' }).click();
    await window.title('Trace of phone 1001');
    await page.getByText('Nothing has passed yet').waitFor();
    await until('the journal traces', async () => {
      await callAsPhone(running, CALLEE, { pauseMs: 100 });
      return page
        .getByRole('button', { name: /INVITE/ })
        .first()
        .isVisible();
    });
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByRole('main').getByText('ended', { exact: true }).waitFor();
  });

  test('OPS-01 no script has failed, and nothing was kept back by the policy', () => {
    assert.deepEqual(window.faults, []);
  });
});
