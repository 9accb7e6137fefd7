import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '@tandem/sip';

/** Binds a socket, tells its port, and reads nothing of what comes. */
const source = `
const { createSocket } = require('node:dgram');
const { parentPort } = require('node:worker_threads');
const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1', () => {
  parentPort.postMessage(socket.address().port);
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
});
`;

/** Where a flood goes that nobody reads: what it costs the machine to send it is all that is left of it. */
export class FloodSink {
  readonly endpoint: Endpoint;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.endpoint = { address: '127.0.0.1', port };
  }

  static async open(): Promise<FloodSink> {
    const worker = new Worker(source, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    return new FloodSink(worker, port);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
