import { setTimeout as sleep } from 'node:timers/promises';

/** What a process of Node holds, in bytes. */
export interface MemoryUse {
  readonly rss: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** Asks a process that was started with `--inspect` what it holds; the process runs as it is. */
export class InspectedProcess {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** @param port of `--inspect=127.0.0.1:PORT` */
  static async connect(port: number): Promise<InspectedProcess> {
    const targets = (await (
      await fetch(`http://127.0.0.1:${String(port)}/json/list`)
    ).json()) as readonly { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', reject, { once: true });
    });
    return new InspectedProcess(socket);
  }

  async memory(): Promise<MemoryUse> {
    const { result } = (await this.#send('Runtime.evaluate', {
      expression: 'process.memoryUsage()',
      returnByValue: true,
    })) as { result: { value: MemoryUse } };
    return result.value;
  }

  /** Collects all garbage, twice: what a finaliser lets go is gone after the second. */
  async collectGarbage(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      await this.#send('HeapProfiler.collectGarbage');
      await sleep(200);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
