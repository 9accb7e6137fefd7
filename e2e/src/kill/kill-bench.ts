import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startTestCluster,
  type TestCluster,
  type TestClusterOptions,
} from '../cluster/test-cluster.ts';
import type { ConfigurationDocument } from '../configuration.ts';
import type { CallPlan } from '../load/call-plan.ts';
import type { LoadReport } from '../load/call-record.ts';
import { startConfiguredLoad } from '../load/configured-load.ts';
import type { Load } from '../load/start-load.ts';
import { until } from '../until.ts';
import { judgeSwitch, type Verdict } from '../verdict/judge-switch.ts';
import { addSpecialGateways } from './special-calls.ts';
import { Surroundings } from './surroundings.ts';

/** A cluster that is killed, and the strict endpoints around it. */
export interface KillBenchOptions {
  readonly cluster?: TestClusterOptions;
  /** @default 'udp' */
  readonly carrierTransport?: 'udp' | 'tcp';
  /** Whether steps can be armed; a look into the folder at each step costs something. @default false */
  readonly hasFaults?: boolean;
  /** Prefixes of trials with special calls (`special-calls.ts`), for which relays and a name server are started. @default none */
  readonly specialPrefixes?: readonly string[];
  /** Changes the configuration before it is applied. */
  readonly configure?: (document: ConfigurationDocument) => void;
}

/** Money for some hundred thousand calls. */
const OPENING_BALANCE = '10000';
/** More than any trial has up at once: limits are counted, and never reached. */
const LINES = 5000;
const FINISH_MS = 75_000;
const PER_SECOND = 20;

/** Everything that a trial needs: pods that die, calls through them, and the judgement. */
export class KillBench {
  readonly cluster: TestCluster;
  readonly load: Load;
  readonly #faultFolder: string;
  readonly #surroundings: Surroundings | undefined;

  private constructor(
    cluster: TestCluster,
    load: Load,
    own: { readonly faultFolder: string; readonly surroundings: Surroundings | undefined },
  ) {
    this.cluster = cluster;
    this.load = load;
    this.#faultFolder = own.faultFolder;
    this.#surroundings = own.surroundings;
  }

  static async start(options: KillBenchOptions = {}): Promise<KillBench> {
    const { specialPrefixes = [] } = options;
    const faultFolder = await mkdtemp(join(tmpdir(), 'tandem-faults-'));
    const surroundings = specialPrefixes.length > 0 ? await Surroundings.start() : undefined;
    let cluster: TestCluster | undefined;
    try {
      cluster = await startTestCluster({
        ...options.cluster,
        env: {
          ...(options.hasFaults === true ? { TANDEM_FAULTS: faultFolder } : {}),
          ...surroundings?.env,
          ...options.cluster?.env,
        },
      });
      const load = await startConfiguredLoad(cluster, {
        openingBalance: OPENING_BALANCE,
        carrierTransport: options.carrierTransport,
        configure: (document, ports) => {
          if (surroundings !== undefined) {
            surroundings.nameCarriers(ports);
            addSpecialGateways(document, specialPrefixes);
          }
          limitLines(document);
          options.configure?.(document);
        },
      });
      return new KillBench(cluster, load, { faultFolder, surroundings });
    } catch (error) {
      await cluster?.stop();
      await surroundings?.close();
      await rm(faultFolder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Names of the pods. */
  get pods(): readonly string[] {
    return this.cluster.cluster.edges;
  }

  /** The first pod that passes this step dies there. */
  async arm(step: string): Promise<void> {
    await writeFile(join(this.#faultFolder, step), '');
  }

  /** Whether some pod has died at the step. */
  hasFired(step: string): boolean {
    return !existsSync(join(this.#faultFolder, step));
  }

  /** Takes the step back where nobody passed it. */
  async disarm(step: string): Promise<void> {
    await rm(join(this.#faultFolder, step), { force: true });
  }

  /** Places calls and waits until they are over at both ends; they have numbers that begin with `prefix`. */
  async run(prefix: string, plans: readonly CallPlan[]): Promise<void> {
    await this.load.place(plans, { perSecond: PER_SECOND });
    await this.load.untilOver({ prefix, timeoutMs: FINISH_MS });
  }

  /** One of the media relays dies, and is back, empty, after so long. */
  async loseRelay(awayMs: number): Promise<void> {
    await this.#surroundings?.loseRelay(awayMs);
  }

  /** Calls that media relays still have, as soon as there are none, or when the time is up: a sweep may have to find them. */
  async callsLeftAtRelays(timeoutMs = 30_000): Promise<readonly string[]> {
    let left: readonly string[] = [];
    const isNone = async (): Promise<boolean> => {
      left = (await this.#surroundings?.callsAtRelays()) ?? [];
      return left.length === 0;
    };
    await until('no relay has a call', isNone, { timeoutMs, everyMs: 250 }).catch(() => undefined);
    return left;
  }

  /** Waits until every process may be called again. */
  untilReady(): Promise<void> {
    return this.cluster.cluster.ready();
  }

  /** Waits until every call is over at both ends. */
  finish(timeoutMs = FINISH_MS): Promise<LoadReport> {
    return this.load.finish({ timeoutMs });
  }

  /** Holds all that the ends saw against all that the switch kept. */
  judge(report: LoadReport, cdrsWithinMs?: number): Promise<Verdict> {
    return judgeSwitch({
      report,
      api: this.cluster.api,
      wereKilled: true,
      openingBalance: OPENING_BALANCE,
      ...(cdrsWithinMs === undefined ? {} : { cdrsWithinMs }),
    });
  }

  /** Waits until so many of the calls whose numbers begin so are up. */
  async untilUp(prefix: string, count: number, timeoutMs = 30_000): Promise<void> {
    await until(
      `${String(count)} calls of ${prefix} are up`,
      async () => (await this.load.snapshot(prefix)).up >= count,
      { timeoutMs, everyMs: 100 },
    );
  }

  /** Waits until every event is in the log. */
  async untilOutboxEmpty(timeoutMs: number): Promise<void> {
    const isEmpty = async (): Promise<boolean> => (await this.cluster.api.status()).outbox === 0;
    await until('the outbox is empty', isEmpty, { timeoutMs, everyMs: 250 });
  }

  /** Every message of the faulty calls, and what the pods wrote of them. */
  async evidence(verdict: Verdict, most = 2): Promise<string> {
    const parts: string[] = [];
    for (const { number, callId } of verdict.faultyCalls.slice(0, most)) {
      parts.push(`── ${number}`, ...(await this.load.ladder(number)));
      if (callId !== undefined) parts.push(...this.logLines(callId));
    }
    return parts.join('\n');
  }

  /** What the processes wrote of a call. */
  logLines(callId: string): readonly string[] {
    return [...this.cluster.processes].flatMap(([name, { output }]) =>
      output
        .split('\n')
        .filter((line) => line.includes(callId))
        .map((line) => `${name}: ${line}`),
    );
  }

  async stop(): Promise<void> {
    await this.load.stop();
    await this.cluster.stop();
    await this.#surroundings?.close();
    await rm(this.#faultFolder, { recursive: true, force: true });
  }
}

function limitLines({ accounts, mappingGateways, routingGateways }: ConfigurationDocument): void {
  for (const each of [...accounts, ...mappingGateways, ...routingGateways]) {
    each['lineLimit'] = LINES;
  }
}
