import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';
import type { Page } from './web-phone.ts';
import { servePage } from './page-server.ts';

interface Reply {
  readonly id?: number;
  readonly result?: {
    readonly targetId?: string;
    readonly sessionId?: string;
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly error?: { readonly message: string };
}

type Result = NonNullable<Reply['result']>;

/** A headless Chromium with a made-up microphone, steered by its DevTools protocol. */
export class Chromium {
  readonly #process: ManagedProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #server: Awaited<ReturnType<typeof servePage>>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  private constructor(own: {
    readonly process: ManagedProcess;
    readonly socket: WebSocket;
    readonly folder: string;
    readonly server: Awaited<ReturnType<typeof servePage>>;
  }) {
    this.#process = own.process;
    this.#socket = own.socket;
    this.#folder = own.folder;
    this.#server = own.server;
    own.socket.onmessage = ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      this.#waiting.get(reply.id ?? 0)?.(reply);
      this.#waiting.delete(reply.id ?? 0);
    };
  }

  static async start(): Promise<Chromium> {
    const server = await servePage();
    const folder = await mkdtemp(join(tmpdir(), 'tandem-chromium-'));
    const process = new ManagedProcess({
      name: 'chromium',
      command: 'chromium-headless-shell',
      args: [
        `--user-data-dir=${folder}`,
        '--remote-debugging-port=0',
        '--no-sandbox',
        '--disable-gpu',
        // wss with a certificate of the test's own authority.
        '--ignore-certificate-errors',
        // A tone instead of a microphone, and nobody is asked.
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
        // Addresses in descriptions as they are, not as names of mDNS.
        '--disable-features=WebRtcHideLocalIpsWithMdns',
        '--allow-loopback-in-peer-connection',
      ],
      env: { HOME: folder },
    });
    const [, url = ''] = await process.line(/DevTools listening on (\S+)/, 20_000);
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => {
        resolve();
      };
      socket.onerror = () => {
        reject(new Error('the browser takes no commands'));
      };
    });
    return new Chromium({ process, socket, folder, server });
  }

  /** Opens the page of a phone. */
  async open(): Promise<Page> {
    const { targetId } = await this.#ask('Target.createTarget', { url: this.#server.url });
    const { sessionId = '' } = await this.#ask('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const evaluate = async (expression: string): Promise<unknown> => {
      const asked = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', asked, sessionId);
      if (exceptionDetails !== undefined) {
        throw new Error(exceptionDetails.exception?.description ?? 'the page has failed');
      }
      return result?.value;
    };
    await until('the page is loaded', async () => (await evaluate('typeof start')) === 'function');
    return {
      evaluate,
      close: async () => {
        await this.#ask('Target.closeTarget', { targetId });
      },
    };
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#process.stop({ graceMs: 3000 });
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ask(method: string, params: object, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }
}
