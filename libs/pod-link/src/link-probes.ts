import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { formatEndpoint } from './endpoint.ts';
import type { LinkEndpoint } from './endpoint.ts';

/** What comes of a probe. None of them may throw. */
export interface ProbeReader {
  /** An end has answered. */
  onAnswer(bytes: Buffer, from: LinkEndpoint): void;
  /** The machine of an end (`ip:port`) says that no process has the port. */
  onRefused(address: string): void;
}

interface Probe {
  readonly socket: Socket;
  isConnected: boolean;
}

/**
 * A connected socket for each end that is asked whether it lives: of those alone the kernel tells that nobody has the port
 * (ICMP port unreachable, RFC 1122 §4.1.3.3), which shows at once that a process was killed.
 */
export class LinkProbes {
  readonly #probes = new Map<string, Probe>();
  readonly #reader: ProbeReader;

  constructor(reader: ProbeReader) {
    this.#reader = reader;
  }

  /** Asks an end; the first time once its socket is connected. */
  ask(to: LinkEndpoint, bytes: Buffer): void {
    const address = formatEndpoint(to);
    const probe = this.#probes.get(address);
    if (probe === undefined) this.#open(to, address, bytes);
    else if (probe.isConnected) this.#send(probe, address, bytes);
  }

  /** Closes the sockets of all other ends. */
  keep(addresses: readonly string[]): void {
    for (const [address, probe] of this.#probes) {
      if (!addresses.includes(address)) this.#close(address, probe);
    }
  }

  #open(to: LinkEndpoint, address: string, bytes: Buffer): void {
    const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4').unref();
    const probe: Probe = { socket, isConnected: false };
    this.#probes.set(address, probe);
    socket.on('message', (answer, from) => {
      this.#reader.onAnswer(answer, from);
    });
    socket.on('error', (error) => {
      this.#failed(probe, address, error);
    });
    socket.connect(to.port, to.address, () => {
      if (this.#probes.get(address) !== probe) return;
      probe.isConnected = true;
      this.#send(probe, address, bytes);
    });
  }

  #send(probe: Probe, address: string, bytes: Buffer): void {
    probe.socket.send(bytes, (error) => {
      if (error !== null) this.#failed(probe, address, error);
    });
  }

  /** A socket with another fault is opened anew by the next question. */
  #failed(probe: Probe, address: string, error: Error): void {
    if (this.#probes.get(address) !== probe) return;
    if ('code' in error && error.code === 'ECONNREFUSED') this.#reader.onRefused(address);
    else this.#close(address, probe);
  }

  #close(address: string, { socket }: Probe): void {
    this.#probes.delete(address);
    socket.close();
  }
}
