import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freeServerPort } from './free-port.ts';
import type { SecuredKafka } from './secured-kafka.ts';

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../../..');
const STORES = join(REPOSITORY, 'deploy/local/stores');

/** A Kafka broker of a test's own, which takes some seconds to start: share one per file. */
export class OwnKafka {
  readonly brokers: readonly string[];
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #onExit: () => void;

  private constructor(
    folder: string,
    ports: { readonly broker: number; readonly controller: number },
  ) {
    this.#folder = folder;
    this.brokers = [`127.0.0.1:${String(ports.broker)}`];
    this.#env = {
      ...process.env,
      TANDEM_LOCAL_DIR: folder,
      TANDEM_LOCAL_KAFKA_PORT: String(ports.broker),
      TANDEM_LOCAL_KAFKA_CONTROLLER_PORT: String(ports.controller),
    };
    // A test that dies must not leave a broker behind.
    this.#onExit = () => {
      this.#signal('SIGKILL');
    };
    process.on('exit', this.#onExit);
  }

  /** @param secured what it asks for at `SecuredKafka.brokers`, beside the listener that asks for nothing */
  static async start(secured?: SecuredKafka): Promise<OwnKafka> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-kafka-'));
    const shared = process.env['TANDEM_LOCAL_DIR'] ?? join(REPOSITORY, '.local');
    mkdirSync(join(folder, 'kafka'));
    symlinkSync(join(shared, 'kafka/lib'), join(folder, 'kafka/lib'));
    const [broker, controller] = [await freeServerPort(), await freeServerPort()];
    const kafka = new OwnKafka(folder, { broker, controller });
    secured?.prepare(join(folder, 'kafka'), { broker, controller });
    await kafka.start();
    return kafka;
  }

  /** Starts it again, with the data that it had. */
  async start(): Promise<void> {
    await run(STORES, ['start', 'kafka'], { env: this.#env, timeout: 90_000 });
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const pid = this.#pid();
    this.#signal('SIGKILL');
    while (pid !== undefined && isAlive(pid)) await sleep(20);
  }

  /** Stops it where it is: connections stay, nothing is answered. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    process.off('exit', this.#onExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #pid(): number | undefined {
    try {
      return Number(readFileSync(join(this.#folder, 'kafka/pid'), 'utf8'));
    } catch {
      return undefined;
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#pid();
    if (pid !== undefined && isAlive(pid)) process.kill(pid, signal);
  }
}

/** Whether the broker runs: a dead process that nothing has waited for yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    return !/^State:\s+Z/m.test(status) && command.includes('kafka.Kafka');
  } catch {
    return false;
  }
}
