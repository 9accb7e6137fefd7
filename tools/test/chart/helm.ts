import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../../..');
const library = join(process.env['TANDEM_LOCAL_DIR'] ?? join(root, '.local'), 'chart');

/** Folder of the chart. */
export const chart = join(root, 'charts/tandem');

/** Folder with the JSON schemas of one version of Kubernetes, such as 1.34.0. */
export function schemaFolder(version: string): string {
  const schemas = 'kubernetes_validate/kubernetes-json-schema';
  return join(library, schemas, `v${version}-local-strict`);
}

/** What a rendering gave: YAML by template, or why Helm refused. */
export interface Rendering {
  readonly manifests?: Readonly<Record<string, string>>;
  readonly refused?: string;
}

/** What `helm lint --strict` found; severity 2 is a warning, 3 an error. */
export interface LintMessage {
  readonly severity: number;
  readonly path: string;
  readonly error: string;
}

/** Helm 4 in a process of its own (deploy/local/chart/helm.py), which answers one request after the other. */
export class Helm {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #errors = '';
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#process = spawn('python3', [join(root, 'deploy/local/chart/helm.py')], {
      env: { ...process.env, PYTHONPATH: library },
    });
    this.#process.stderr.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** As `helm template tandem charts/tandem --namespace telephony` would, with values as in a file. */
  render(values: unknown): Promise<Rendering> {
    return this.#ask({ chart, values, release: 'tandem', namespace: 'telephony' });
  }

  async lint(values: unknown): Promise<readonly LintMessage[]> {
    const { messages } = await this.#ask<{ readonly messages: readonly LintMessage[] }>({
      lint: chart,
      values,
    });
    return messages;
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }

  #ask<Answer>(request: object): Promise<Answer> {
    const answer = this.#last.then(async () => {
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await this.#answers.next();
      if (line.done === true) {
        throw new Error(`Helm has ended; run deploy/local/install\n${this.#errors}`);
      }
      return JSON.parse(line.value) as Answer;
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
