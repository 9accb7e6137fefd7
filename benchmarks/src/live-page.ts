import type { SwitchApi } from '@tandem/e2e';

interface Page {
  readonly name: string;
  readonly live: string;
  readonly asks: readonly string[];
}

/** What each page of the console that is told of changes watches, and what it asks for besides, every ten seconds. */
const pages: readonly Page[] = [
  { name: 'Now', live: 'topics=status,pods', asks: ['/gateways?limit=1000', '/cdrs?failed=true&from=15m&limit=200', '/cdrs?limit=8', '/alarms?state=open&limit=1'] }, // prettier-ignore
  { name: 'Current calls', live: 'topics=calls&limit=200', asks: [] },
  { name: 'Current calls of an account', live: 'topics=calls&limit=200&account=demo', asks: [] },
  { name: 'Gateways', live: 'topics=gateways&limit=100', asks: ['/gateways?limit=100', `/lines?holders=false&subject=${subjects()}`] }, // prettier-ignore
  { name: 'Pods', live: 'topics=pods,status', asks: [] },
];

const ASK_MS = 10_000;

function subjects(): string {
  const names = Array.from({ length: 100 }, (_, at) => `routing-gateway gateway-${String(at)}`);
  return encodeURIComponent(names.join(','));
}

interface Told {
  readonly rows: readonly { readonly startedAt?: string | null }[];
  readonly isWhole: boolean;
}

/** Five open windows of the console, as far as the server sees them. */
export class LivePages {
  readonly #api: SwitchApi;
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;
  readonly #events = new Map<string, number[]>();
  /** How old the newest call was when it was told, ms. */
  readonly #ages = new Map<string, number[]>();
  #bytes = 0;

  constructor(api: SwitchApi) {
    this.#api = api;
    this.#done = Promise.all(
      pages.flatMap(({ asks, live, name }) => [
        this.#watch(name, live),
        ...asks.map((path) => this.#ask(path)),
      ]),
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** How each page was told, over some turns. */
  static summary(seen: readonly LivePages[]): readonly string[] {
    const bytes = seen.reduce((sum, { events }) => sum + events, 0);
    return [
      ...pages.map(({ name }) => {
        const gaps = seen.flatMap((each) => gapsOf(each.#events.get(name) ?? []));
        const ages = seen.flatMap((each) => each.#ages.get(name) ?? []);
        const age = ages.length === 0 ? '' : `; the newest call is ${spread(ages)} ms old`;
        return `${name}: ${String(gaps.length)} changes, ${spread(gaps)} ms from one to the next${age}`;
      }),
      `${String(Math.round(bytes / 1e6))} MB of events`,
    ];
  }

  get events(): number {
    return this.#bytes;
  }

  async #watch(name: string, query: string): Promise<void> {
    const told: number[] = [];
    const ages: number[] = [];
    this.#events.set(name, told);
    this.#ages.set(name, ages);
    await this.#until(async () => {
      const answer = await this.#fetch(`/live?${query}`);
      let text = '';
      const decoder = new TextDecoder();
      for await (const bytes of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        const part = decoder.decode(bytes, { stream: true });
        this.#bytes += part.length;
        const blocks = (text + part).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data === undefined) continue;
          told.push(performance.now());
          const { isWhole, rows } = JSON.parse(data) as Told;
          if (!isWhole && rows.some(({ startedAt }) => startedAt)) ages.push(Date.now() - newestOf(rows)); // prettier-ignore
        }
      }
    });
  }

  async #ask(path: string): Promise<void> {
    await this.#until(async () => {
      for (;;) {
        await (await this.#fetch(path)).text();
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(resolve, ASK_MS);
          this.#stop.signal.addEventListener('abort', () => {
            clearTimeout(timer);
            reject(new Error('closed'));
          });
        });
      }
    });
  }

  /** Ends without an error once it is closed. */
  async #until(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #fetch(path: string): Promise<Response> {
    const { base, token } = this.#api;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${base}/api/v1${path}`, { headers, signal: this.#stop.signal });
    if (!answer.ok) throw new Error(`${path}: ${String(answer.status)}`);
    return answer;
  }
}

function newestOf(rows: Told['rows']): number {
  return Math.max(...rows.map(({ startedAt }) => Date.parse(startedAt ?? '') || 0));
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, at) => time - (times[at] ?? time));
}

/** Median and most. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, another) => one - another);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return `${median.toFixed(0)}, at most ${(sorted.at(-1) ?? Number.NaN).toFixed(0)}`;
}
