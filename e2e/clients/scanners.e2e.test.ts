import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClientSwitch } from '../src/clients/client-switch.ts';
import { demo } from '../src/configuration.ts';
import { until } from '../src/until.ts';
import { startSipvicious } from '../src/clients/sipvicious.ts';

/** As a telephone writes it, which no list has. */
const DISGUISE = 'Telephone 3.1';
const WORDS = 1000;
/** Its user is suspended after six, and svcrack gives up when it hears of that: its source is known before. */
const MOST_FAILURES = 5;
/** 1000 to 1010, and 2001; some of them are phones. */
const EXTENSIONS = 12;

interface Blacklist {
  readonly sources: readonly { readonly source: string; readonly cause: string }[];
}

describe('SIPVicious', { timeout: 240_000 }, () => {
  let bench: ClientSwitch;
  let folder = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-words-'));
    const words = Array.from({ length: WORDS - 1 }, (_, index) => `word${String(index)}`);
    writeFileSync(join(folder, 'words'), `${[...words, demo.password].join('\n')}\n`);
    bench = await ClientSwitch.start({
      configure: ({ parameters }) => {
        parameters['SS_BLACKLIST_MAX_FAILURES'] = MOST_FAILURES;
      },
    });
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await bench.stop();
  });

  const port = () => String(bench.running.sip.port);
  const blacklist = async () =>
    ((await bench.running.api.get('/api/v1/blacklist')) as Blacklist).sources;

  test('AUTH-08 as it comes svmap finds nothing', async () => {
    const svmap = startSipvicious({ tool: 'svmap', args: ['-p', port(), '127.0.0.1'] });
    await svmap.line(/found nothing/, 30_000);
  });

  // A source of its own for each: what one of them does is not held against the next.
  for (const [index, method] of (['REGISTER', 'INVITE', 'OPTIONS'] as const).entries()) {
    test(`AUTH-05 AUTH-08 svwar by ${method} cannot tell who exists, disguised or not`, async () => {
      for (const userAgent of [undefined, DISGUISE]) {
        const svwar = startSipvicious({
          tool: 'svwar',
          args: [
            ...['--force', '-m', method, '-e', '1000-1010,2001', '-p', port()],
            ...['-b', `127.0.0.${String(11 + index)}`, '127.0.0.1'],
          ],
          userAgent,
        });
        await svwar.exit(60_000);
        // A table of those of whom it heard something else than of a name that it had made up.
        const rows = [...svwar.output.matchAll(/^\| (\d+) +\| (\w+)/gm)];
        const verdicts = new Set(rows.map(([, , verdict]) => verdict));
        assert.ok([0, EXTENSIONS].includes(rows.length) && verdicts.size <= 1, svwar.output);
      }
    });
  }

  test('AUTH-07 AUTH-08 a thousand words of svcrack, the last of them right, end in the black list', async (t) => {
    const args = ['-u', '1001', '-d', join(folder, 'words'), '-p', port(), '127.0.0.1'];
    const svcrack = startSipvicious({ tool: 'svcrack', args, userAgent: DISGUISE });
    t.after(() => svcrack.stop({ graceMs: 1000 }));
    await until('its source is black-listed', async () =>
      (await blacklist()).some(({ source }) => source === '127.0.0.1'),
    );
    const [tried] = await bench.running.api.authenticationFailures();
    assert.ok((tried?.count ?? WORDS) < WORDS / 10, JSON.stringify(tried));
    assert.doesNotMatch(svcrack.output, new RegExp(demo.password));
  });
});
