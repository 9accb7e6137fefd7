import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';

const RULES = join(import.meta.dirname, '../../../charts/tandem/rules');

/** One series that a query gave. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An alert that waits for its time, or fires. */
export interface ActiveAlert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: unknown;
}

/** A real Prometheus with the rules of the chart, which scrapes one page every second. */
export class Prometheus {
  readonly #process: ManagedProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(process: ManagedProcess, folder: string, url: string) {
    this.#process = process;
    this.#folder = folder;
    this.#url = url;
  }

  /**
   * Starts `prometheus` (Debian's package, or the one of `TANDEM_PROMETHEUS`).
   * @param target `host:port` of the page `/metrics`
   * @param lasting for how long every condition must hold until its alert fires. @default what the rules say
   */
  static async start(target: string, lasting?: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-prometheus-'));
    for (const name of await readdir(RULES)) {
      const rules = await readFile(join(RULES, name), 'utf8');
      const held =
        lasting === undefined ? rules : rules.replaceAll(/ for: .*/g, ` for: ${lasting}`);
      await writeFile(join(folder, name), held);
    }
    const port = await freePort();
    const file = join(folder, 'prometheus.json');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(configurationFor(target, join(folder, '*.yaml'))));
    const process_ = new ManagedProcess({
      name: 'prometheus',
      command: process.env['TANDEM_PROMETHEUS'] ?? 'prometheus',
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${String(port)}`,
        '--log.level=warn',
      ],
    });
    const prometheus = new Prometheus(process_, folder, `http://127.0.0.1:${String(port)}`);
    await until('Prometheus is ready', () => prometheus.#isReady(), { timeoutMs: 20_000 }).catch(
      async (error: unknown) => {
        const { output } = process_;
        await prometheus.stop();
        throw new Error(`Prometheus does not start: ${output}`, { cause: error });
      },
    );
    return prometheus;
  }

  /** The series of an instant query. @throws Error where Prometheus refuses it */
  async query(expr: string): Promise<readonly Series[]> {
    const data = await this.#get(`/api/v1/query?query=${encodeURIComponent(expr)}`);
    const { result } = data as {
      result: readonly { metric: Series['labels']; value: [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Names of all metrics that it has. */
  async names(): Promise<readonly string[]> {
    return (await this.#get('/api/v1/label/__name__/values')) as readonly string[];
  }

  /** The alerts whose conditions hold now. */
  async alerts(): Promise<readonly ActiveAlert[]> {
    const { alerts } = (await this.#get('/api/v1/alerts')) as {
      alerts: readonly { labels: Record<string, string>; state: ActiveAlert['state'] }[];
    };
    return alerts.map(({ labels, state }) => ({ name: labels['alertname'] ?? '', state, labels }));
  }

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGKILL', graceMs: 2000 });
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? 'no answer'}`);
    return answer.data;
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.#url}/-/ready`);
    return response.ok;
  }
}

function configurationFor(target: string, rules: string): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [
      {
        job_name: 'collector',
        honor_labels: true,
        static_configs: [{ targets: [target] }],
      },
    ],
  };
}
