import { Agent, get } from 'node:http';

const EVERY_MS = 150;
const PATIENCE_MS = 400;

/** Asks /readyz of one pod again and again, as a load balancer would. */
export class Readiness {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #isReady = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

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

  #next(isReady: boolean): void {
    if (this.#isStopped) return;
    this.#isReady = isReady;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.start();
    }, EVERY_MS);
  }
}
