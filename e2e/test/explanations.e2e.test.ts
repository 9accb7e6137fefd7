import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { inspect } from 'node:util';
import { openOtlpReceiver, type OtlpReceiver } from '@tandem/testing';
import { startAllinone } from '../src/allinone-switch.ts';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { ask, sentResponses, type Asked, type Asking } from '../src/asking-client.ts';
import {
  PASSWORD,
  answeredAfterAll,
  brokenConfiguration,
  brokenSetups,
  laterRounds,
  scripts,
} from '../src/broken-setups/index.ts';
import type { BrokenSetup } from '../src/broken-setups/index.ts';
import { everythingReadable } from '../src/everything-readable.ts';
import { freePort } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { until } from '../src/until.ts';

interface ExplanationView {
  readonly summary: string;
  readonly change: string | null;
  readonly evidence?: readonly string[];
  readonly steps?: readonly { readonly text: string }[];
}

/** What is told first: why, what bears on it, and the steps. */
function firstLines({ evidence = [], steps = [], summary }: ExplanationView): string {
  return [summary, ...evidence, ...steps.map(({ text }) => text)].join('\n');
}

/** Those that are explained: of the others their own tests say why not. */
async function settledViews(told: Iterable<Promise<ExplanationView>>): Promise<ExplanationView[]> {
  const settled = await Promise.allSettled(told);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** A call that goes on until its `holdUntil`. */
async function answered(asking: Asking): Promise<{ readonly ended: Promise<Asked> }> {
  const answer = Promise.withResolvers<undefined>();
  const onAnswered = (): void => {
    answer.resolve(undefined);
  };
  const ended = ask({ ...asking, onAnswered });
  await Promise.race([answer.promise, ended]);
  return { ended };
}

suite('every failure explains itself', () => {
  let running: RunningSwitch;
  let carrier: AnsweringCarrier;
  let dataDir: string;
  let collector: OtlpReceiver;
  const callIds = new Set<string>();
  const told = new Map<string, Promise<ExplanationView>>();

  before(async () => {
    carrier = await AnsweringCarrier.start(scripts);
    dataDir = await mkdtemp(join(tmpdir(), 'tandem-explained-'));
    collector = await openOtlpReceiver();
    const env = { OTEL_LOGS_EXPORTER: 'otlp' };
    running = await startAllinone({ dataDir, env, otlpEndpoint: collector.endpoint });
    const document = brokenConfiguration(carrier.port, await freePort());
    await running.configure(document);
    await running.api.post('/api/v1/traces', { phone: '3001', seconds: 600 });
    await running.api.importList('friends', '4400\n');
    await running.api.importList('bad-callers', '1001\n');
    await running.api.importList('premium', '4490\n');
    for (const setup of [...brokenSetups, answeredAfterAll]) {
      told.set(setup.name, explained(setup));
    }
    await Promise.allSettled(told.values());
    for (const { parameters, setups } of laterRounds) {
      await running.configure({
        ...document,
        parameters: { ...document.parameters, ...parameters },
      });
      for (const setup of setups) told.set(setup.name, explained(setup));
      await Promise.allSettled(told.values());
    }
  });

  after(async () => {
    await running.stop();
    await collector.close();
    carrier.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** What `explain` says, once all of it is known; or what it has said last. */
  async function explained(setup: BrokenSetup): Promise<ExplanationView> {
    const { shows = /^/ } = setup;
    const path = await askedFor(setup);
    let view: ExplanationView | undefined;
    // What happens again changes its entry in the journal, some time later.
    const isWhole = until(
      `${setup.name} is explained`,
      async () => {
        view = (await running.api.get(path).catch(() => undefined)) as ExplanationView | undefined;
        const text = view === undefined ? '' : firstLines(view);
        return view !== undefined && [...setup.says, shows].every((said) => said.test(text));
      },
      PATIENCE,
    );
    await isWhole.catch(() => undefined);
    if (view === undefined) throw new Error(`nothing is known of ${setup.name}`);
    return view;
  }

  /** Asks as the set-up says. @returns what explains it */
  async function askedFor(setup: BrokenSetup): Promise<string> {
    const { atOnce = 1, beside = [], first = [], once: refused, registration } = setup;
    const asked = { method: 'INVITE', from: '1001', to: '441', target: running.sip } as const;
    const { found, firstUntil } = setup;
    await until(
      `what comes before ${setup.name}`,
      async () => {
        for (const each of first) await ask({ ...asked, ...each });
        if (firstUntil === undefined) return true;
        return JSON.stringify(await running.api.get(firstUntil.path)).includes(firstUntil.has);
      },
      PATIENCE,
    );
    const { removes } = setup;
    const isOfCall = removes?.includes('{call}') === true;
    if (removes !== undefined && !isOfCall) await running.api.remove(removes);
    const over = Promise.withResolvers<undefined>();
    const held = await Promise.all(beside.map((each) => answered({ ...asked, ...each, holdUntil: over.promise }))); // prettier-ignore
    if (refused !== undefined) {
      await until(
        `routing says ${refused.reason}`,
        async () => (await running.api.route(refused.from, refused.to)).reason === refused.reason,
        PATIENCE,
      );
    }
    const hungUp = isOfCall ? removeCall(setup.ask.from ?? '', removes) : undefined;
    const all = await Promise.all(Array.from({ length: atOnce }, () => ask({ ...asked, ...setup.ask }))); // prettier-ignore
    for (const { callId } of all) callIds.add(callId);
    await hungUp;
    over.resolve(undefined);
    await Promise.all(held.map(({ ended }) => ended));
    if (found !== undefined) {
      return until(
        `${setup.name} is found`,
        async () => {
          const { candidates } = (await running.api.get(`/api/v1/explain?${found}`)) as { candidates: { id: string; text: string }[] }; // prettier-ignore
          const fitting = candidates.find(({ text }) =>
            setup.says.every((said) => said.test(text)),
          );
          return fitting && `/api/v1/explain/${encodeURIComponent(fitting.id)}`;
        },
        PATIENCE,
      );
    }
    if (registration !== undefined) return `/api/v1/explain/registration/${registration}`;
    const isMeant = ({ status }: Asked): boolean =>
      setup.withStatus === undefined ? atOnce === 1 || status >= 400 : status === setup.withStatus;
    const { callId = '' } = all.find(isMeant) ?? {};
    return `/api/v1/explain/${encodeURIComponent(callId)}`;
  }

  /** What an operator does to the call of a phone, once it is up. */
  async function removeCall(caller: string, path: string): Promise<void> {
    const callId = await until(
      `${caller} is in a call`,
      async () => {
        const { calls } = (await running.api.get(`/api/v1/calls?caller=${caller}`)) as { calls: { callId: string; answeredAt: string | null }[] }; // prettier-ignore
        return calls.find(({ answeredAt }) => answeredAt !== null)?.callId;
      },
      PATIENCE,
    );
    await running.api.remove(path.replace('{call}', callId));
  }

  for (const setup of [...brokenSetups, ...laterRounds.flatMap(({ setups }) => setups)]) {
    test(`OPS-09 ${setup.name}: cause, value and remedy`, async () => {
      const view = (await told.get(setup.name)) ?? { summary: '', change: '' };
      for (const said of [...setup.says, setup.shows ?? /^/]) assert.match(firstLines(view), said);
      assert.match(view.change ?? '', setup.remedy);
    });
  }

  test('OPS-09 a gateway that failed before another one answered is told', async () => {
    const { summary } = (await told.get(answeredAfterAll.name)) ?? { summary: '' };
    assert.match(summary, /^Answered by then-works after .*, after fails-first failed with/);
  });

  test('OPS-09 words are those of operators: no names of the code, nor raw headers', async () => {
    for (const { change, summary } of await settledViews(told.values())) {
      assert.doesNotMatch(`${summary} ${change ?? ''}`, JARGON);
    }
  });

  test('OPS-09 every command that an explanation prints can be run as it stands', async () => {
    const commands = new Set<string>();
    for (const { change, summary } of await settledViews(told.values())) {
      for (const [, command = ''] of `${summary} ${change ?? ''}`.matchAll(/`tandem ([^`]+)`/g)) {
        commands.add(command);
      }
    }
    assert.ok(commands.size >= 2, [...commands].join('; '));
    // One after the other: each changes the configuration of the one before.
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

  test('OPS-03 OPS-09 AUTH-12 no password, digest response or token is in anything that can be read: records, messages, captures, logs, traces', async () => {
    const key = (await readFile(join(dataDir, 'secret-key'), 'utf8')).trim();
    const secrets = [PASSWORD, Buffer.from(PASSWORD).toString('base64').slice(0, -4), running.api.token, key, ...sentResponses]; // prettier-ignore
    const checked = (place: string, text: string): void => {
      const found = secrets.find((secret) => text.includes(secret));
      assert.equal(found, undefined, `${place} has ${String(found)}`);
    };
    const read = new Map<string, number>();
    const known = { callIds: [...callIds], phones: ['3007', '4111'] };
    for await (const { body, path } of everythingReadable(running.api, known)) {
      checked(path, body);
      read.set(path, body.length);
    }
    // Something was there to be read, of each kind.
    for (const path of [
      'journal',
      'cdrs',
      'authentication-failures',
      'audit',
      'registrations/3007/messages',
    ]) {
      assert.ok((read.get(`/api/v1/${path}`) ?? 0) > 100, path);
    }
    const captures = [...read].filter(([path]) => path.endsWith('format=pcap'));
    assert.ok(captures.length > callIds.size, String(captures.length));
    assert.ok(Math.max(...captures.map(([, length]) => length)) > 1000);
    const traced = [...read].filter(([path]) => /traces\/[^/]+\/messages$/.test(path));
    assert.ok(traced.some(([, length]) => length > 1000), 'a trace has messages'); // prettier-ignore
    const log = running.processes.get('allinone')?.output ?? '';
    assert.ok(log.length > 1000 && collector.logs().length > 0 && collector.spans().length > 0);
    checked('the log', log);
    checked('logs of telemetry', inspect(collector.logs(), WHOLE));
    checked('traces of telemetry', inspect(collector.spans(), WHOLE));
    checked('metrics of telemetry', inspect(collector.metrics(), WHOLE));
  });
});

/** The machine may be busy; whoever asks too often keeps it so. */
const PATIENCE = { timeoutMs: 60_000, everyMs: 1000 } as const;
/** Termination reasons, exceptions, and values of Reason as they came. */
const JARGON =
  /\b(SessionExpired|DurationLimit|NoAck|InviteTimeout|GatewayTimeout|AllGatewayBusy|NoAvailableRouter|SWITCH_[A-Z_]+|(?<!Internal )Error:|undefined|Q\.850;)/;
const WHOLE = { depth: null, maxArrayLength: null, maxStringLength: null, breakLength: Infinity } as const; // prettier-ignore

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
