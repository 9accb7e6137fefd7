import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@tandem/config';
import { freePorts } from '../free-ports.ts';
import type { ManagedProcess } from '../managed-process.ts';
import { SwitchApi } from '../switch-api.ts';
import { until } from '../until.ts';
import {
  type ClusterShape,
  type PlannedProcess,
  planCluster,
  portsNeeded,
} from './cluster-plan.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** How a cluster is started. */
export interface ClusterOptions extends ClusterShape {
  /** Starts again what was killed. @default true */
  readonly isRespawning?: boolean;
  /** Folder of a log per process; in memory where it is not set. */
  readonly logs?: string;
  /** Called at each start of a process, the first one included. */
  readonly onStart?: (line: ProcessLine) => void;
}

/** What `make cluster` prints of a process. */
export interface ProcessLine {
  readonly name: string;
  readonly pid: number;
  /** `udp:address:port`, the same for TCP. */
  readonly sip?: string;
  /** URL of /healthz and /readyz. */
  readonly admin: string;
}

const READY_MS = 60_000;
const STOP_MS = 28_000;

/** Every service, in processes of its own or shared, and what brings packets to the edges. */
export class Cluster {
  readonly shape: ClusterShape;
  readonly api: SwitchApi;
  readonly #processes: ReadonlyMap<string, Member>;

  private constructor(options: ClusterOptions, members: readonly Member[], token: string) {
    this.shape = options;
    this.api = new SwitchApi(`http://${options.api}`, token);
    this.#processes = new Map(members.map((member) => [member.plan.name, member]));
  }

  /**
   * Starts all processes; they are not ready before there is a configuration.
   * @throws Error where one ends before it has started
   */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const ports = await freePorts(portsNeeded(options));
    const members = planCluster(options, ports).map((plan) => supervise(plan, options));
    // A log tells of one run, all starts of its process.
    for (const { plan } of members)
      if (options.logs !== undefined) writeFileSync(logOf(plan, options.logs), '');
    const [api, ...others] = members;
    try {
      // Who has made the database and the token is waited for; the others find each other.
      await startFirst(api === undefined ? [] : [api]);
      await startFirst(others);
      const token = await readFile(join(options.dataDir, 'api-token'), 'utf8');
      return new Cluster(options, members, token.trim());
    } catch (error) {
      await stopAll(members);
      throw error;
    }
  }

  /** The public SIP address. */
  get sip(): { readonly address: string; readonly port: number } {
    const [address = '', port = ''] = this.shape.sip.split(':');
    return { address, port: Number(port) };
  }

  /** All processes by name, as of their last start. */
  get processes(): ReadonlyMap<string, ManagedProcess> {
    return new Map([...this.#processes].map(([name, { process }]) => [name, process.current]));
  }

  /** What is printed of each process. */
  get lines(): readonly ProcessLine[] {
    return [...this.#processes.values()].map(({ plan, process }) => lineOf(plan, process.current));
  }

  /** Names of the processes that handle calls. */
  get edges(): readonly string[] {
    return this.processesOf('edge');
  }

  /** Names of the processes that a service is in. */
  processesOf(service: ServiceName): readonly string[] {
    const members = [...this.#processes.values()];
    return members.flatMap(({ plan }) => (plan.modules.includes(service) ? plan.name : []));
  }

  /** How often a process has been started. */
  starts(name: string): number {
    return this.#member(name).process.starts;
  }

  /** Sends a signal to a process, which is started again when it has ended. */
  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#member(name).process.signal(signal);
  }

  /** Ends a process and leaves it ended until `startAgain`. @returns its exit code */
  end(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    return this.#member(name).process.stop({ signal, graceMs: STOP_MS });
  }

  /** Starts a process that `end` has ended, and waits until it may be called. */
  async startAgain(name: string): Promise<void> {
    const member = this.#member(name);
    member.process.start();
    await untilReady(member);
  }

  /** Waits until all processes, or those named, are ready. */
  async ready(names: readonly string[] = [...this.#processes.keys()]): Promise<void> {
    await Promise.all(names.map((name) => untilReady(this.#member(name))));
  }

  /** Drains and stops everything: what brings calls in first, who is asked last. */
  async stop(): Promise<void> {
    await stopAll([...this.#processes.values()]);
  }

  /** Ends everything at once and for good: nothing is drained, nobody is told. */
  async killAll(): Promise<void> {
    const members = [...this.#processes.values()];
    await Promise.all(members.map(({ process }) => process.stop({ signal: 'SIGKILL' })));
  }

  #member(name: string): Member {
    const member = this.#processes.get(name);
    if (member === undefined) throw new Error(`no process ${name}`);
    return member;
  }
}

interface Member {
  readonly plan: PlannedProcess;
  readonly process: SupervisedProcess;
}

function supervise(plan: PlannedProcess, options: ClusterOptions): Member {
  const { name, args, cwd, env } = plan;
  const process_ = new SupervisedProcess({
    process: {
      name,
      command: process.execPath,
      args,
      cwd,
      env,
      isDetached: true,
      ...(options.logs === undefined ? {} : { logFile: logOf(plan, options.logs) }),
    },
    isRespawned: options.isRespawning,
    onStart: (started) => {
      // A program that is missing has no pid; what waits for it tells.
      if (started.isRunning) options.onStart?.(lineOf(plan, started));
    },
  });
  return { plan, process: process_ };
}

function logOf({ name }: PlannedProcess, folder: string): string {
  return join(folder, `${name}.log`);
}

function lineOf({ name, sip, admin }: PlannedProcess, { pid }: ManagedProcess): ProcessLine {
  return { name, pid, ...(sip === undefined ? {} : { sip: `udp:${sip}` }), admin };
}

/** Starts processes for the first time: one that ends at once has a mistake in its configuration. */
async function startFirst(members: readonly Member[]): Promise<void> {
  await Promise.all(
    members.map(async ({ process: process_ }) => {
      const started = process_.start();
      await started.line(/"msg":"started"/, READY_MS);
    }),
  );
}

async function untilReady({ plan, process: process_ }: Member): Promise<void> {
  const probe = async (): Promise<boolean> => {
    const signal = AbortSignal.timeout(2000);
    return (await fetch(`${plan.admin}/readyz`, { signal })).ok;
  };
  await until(`${plan.name} is ready`, probe, { timeoutMs: READY_MS }).catch((cause: unknown) => {
    const output = process_.current.output.slice(-4000);
    throw new Error(`${plan.name} is not ready: ${output}`, { cause });
  });
}

/** Gates and edges first, so that nothing is asked of a service that is gone. */
async function stopAll(members: readonly Member[]): Promise<void> {
  const isService = ({ plan }: Member): boolean => plan.sip === undefined;
  const stop = ({ process: process_ }: Member): Promise<number> =>
    process_.stop({ signal: 'SIGTERM', graceMs: STOP_MS });
  // Edges drain while their gate still carries their messages.
  const isGate = ({ plan }: Member): boolean => plan.modules.length === 0;
  await Promise.all(members.filter((member) => !isService(member) && !isGate(member)).map(stop));
  await Promise.all(members.filter(isGate).map(stop));
  await Promise.all(members.filter(isService).map(stop));
}
