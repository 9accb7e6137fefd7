import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';

/** A pod that is ready serves every packet for 1.5 s after it has begun to drain (edge.md §5). */
const READY_EVERY_MS = 500;
const UNREADY_EVERY_MS = 150;
const PATIENCE_MS = 400;

/** Asks /readyz of one pod again and again, as a load balancer would, and at once where its connection is closed. */
export class Readiness {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #isReady = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #connection: Socket | undefined;

  /** @param admin `host:port` */
  constructor(admin: string) {
    this.#url = `http://${admin}/readyz`;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    const request = get(this.#url, { agent: this.#agent, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      this.#next(response.statusCode === 200);
    });
    request.once('socket', (socket) => {
      this.#connected(socket);
    });
    request.once('timeout', () => request.destroy());
    // Refused, reset or too slow: not ready.
    request.once('error', () => {
      this.#next(false);
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#isReady = false;
    this.#agent.destroy();
  }

  #connected(socket: Socket): void {
    if (socket === this.#connection) return;
    this.#connection = socket;
    socket.once('close', () => {
      // Between two questions: the process has died, as a rule.
      if (this.#isReady) this.#next(false);
    });
  }

  #next(isReady: boolean): void {
    if (this.#isStopped) return;
    this.#isReady = isReady;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.start();
      },
      isReady ? READY_EVERY_MS : UNREADY_EVERY_MS,
    );
  }
}
