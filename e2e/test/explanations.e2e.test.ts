import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startAllinone } from '../src/allinone-switch.ts';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask, type Asked } from '../src/asking-client.ts';
import {
  PASSWORD,
  answeredAfterAll,
  brokenConfiguration,
  brokenSetups,
  scripts,
} from '../src/broken-setups.ts';
import type { BrokenSetup } from '../src/broken-setups.ts';
import { freePort } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { until } from '../src/until.ts';

interface ExplanationView {
  readonly summary: string;
  readonly change: string | null;
}

suite('every failure explains itself', () => {
  let running: RunningSwitch;
  let carrier: AnsweringCarrier;
  let dataDir: string;
  const told = new Map<string, Promise<ExplanationView>>();
  const asked = new Map<string, Promise<Asked>>();

  before(async () => {
    carrier = await AnsweringCarrier.start(
      new Map([...scripts, ['4705', [{ code: 180 }, { code: 200 }]]]),
    );
    dataDir = await mkdtemp(join(tmpdir(), 'tandem-explained-'));
    running = await startAllinone({ dataDir });
    await running.configure(brokenConfiguration(carrier.port, await freePort()));
    for (const setup of [...brokenSetups, answeredAfterAll]) {
      const request = ask({ method: 'INVITE', from: '1001', to: '441', ...setup.ask, target: running.sip }); // prettier-ignore
      asked.set(setup.name, request);
      told.set(setup.name, explained(setup, request));
    }
    await Promise.allSettled(told.values());
  });

  after(async () => {
    await running.stop();
    carrier.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** What `explain` says of a Call-ID, once all of it is known; or what it has said last. */
  async function explained(setup: BrokenSetup, request: Promise<Asked>): Promise<ExplanationView> {
    const { callId } = await request;
    let view: ExplanationView | undefined;
    // What happens again changes its entry in the journal, some time later.
    const isWhole = until(`${setup.name} is explained`, async () => {
      view = (await running.api
        .get(`/api/v1/explain/${encodeURIComponent(callId)}`)
        .catch(() => undefined)) as ExplanationView | undefined;
      const { summary } = view ?? { summary: '' };
      return view !== undefined && setup.says.every((said) => said.test(summary));
    });
    await isWhole.catch(() => undefined);
    if (view === undefined) throw new Error(`nothing is known of ${setup.name}`);
    return view;
  }

  for (const setup of brokenSetups) {
    test(`OPS-09 ${setup.name}: cause, value and remedy`, async () => {
      const { change, summary } = (await told.get(setup.name)) ?? { summary: '', change: '' };
      for (const said of setup.says) assert.match(summary, said);
      assert.match(change ?? '', setup.remedy);
    });
  }

  test('OPS-09 a gateway that failed before another one answered is told', async () => {
    const { summary } = (await told.get(answeredAfterAll.name)) ?? { summary: '' };
    assert.match(summary, /^Answered by then-works after .*, after fails-first failed with/);
  });

  test('OPS-09 words are those of operators: no names of the code, nor raw headers', async () => {
    for (const { change, summary } of await Promise.all(told.values())) {
      assert.doesNotMatch(`${summary} ${change ?? ''}`, JARGON);
    }
  });

  test('OPS-09 every command that an explanation prints can be run as it stands', async () => {
    const commands = new Set<string>();
    for (const { change, summary } of await Promise.all(told.values())) {
      for (const [, command = ''] of `${summary} ${change ?? ''}`.matchAll(/`tandem ([^`]+)`/g)) {
        commands.add(command);
      }
    }
    assert.ok(commands.size >= 2, [...commands].join('; '));
    for (const command of commands) {
      const filled = command.replace('AMOUNT', '1').replace(/\bR\b/, `r-${String(Date.now())}`);
      const { code, output } = await tandem(running, dataDir, filled);
      assert.equal(code, 0, `tandem ${filled}: ${output}`);
    }
  });

  test('OPS-09 the same is found by number, phone, address and time, in the terminal', async () => {
    for (const [line, says] of [
      ['explain --to 46030', /486 Busy Here/],
      ['explain --from 441632960199', /127\.0\.0\.99/],
      ['explain --address 127.0.0.99', /no gateway lists the address/],
      ['explain --phone 3007', /wrong password/],
      ['explain --gateway silent', /sent nothing at all/],
      ['explain --at now --to 46040', /cause 21 of Q\.850/],
      ['explain --last-failure', /What would change it/],
    ] as const) {
      const { code, output } = await tandem(running, dataDir, line);
      assert.equal(code, 0, output);
      assert.match(output, says, line);
    }
  });

  test('OPS-04 no password or digest response is in anything that can be read', async () => {
    const paths = ['explain?limit=100', 'journal?limit=1000', 'cdrs?limit=1000', 'authentication-failures', 'suspensions', 'blacklist']; // prettier-ignore
    for (const path of paths) {
      const text = JSON.stringify(await running.api.get(`/api/v1/${path}`));
      assert.ok(text.length > 2, path);
      assert.doesNotMatch(text, SECRETS, path);
    }
    const log = running.processes.get('allinone')?.output ?? '';
    assert.doesNotMatch(log, SECRETS);
  });
});

/** Termination reasons, exceptions, and values of Reason as they came. */
const JARGON =
  /\b(SessionExpired|DurationLimit|NoAck|InviteTimeout|GatewayTimeout|AllGatewayBusy|NoAvailableRouter|SWITCH_[A-Z_]+|Error:|undefined|Q\.850;)/;
/** The password of all phones here, and what their digests begin with in a message. */
const SECRETS = new RegExp(`${PASSWORD}|response=|c0ffee`);

/** Runs the command line as an operator does, with a shell that knows quotes. */
async function tandem(
  running: RunningSwitch,
  dataDir: string,
  line: string,
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" cli/src/main.ts ${line}`], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, TANDEM_API: running.api.base, TANDEM_DATA_DIR: dataDir },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}
