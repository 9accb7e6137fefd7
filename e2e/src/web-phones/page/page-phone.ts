/** Who registers where, over which WebSocket. */
export interface WebPhoneAccount {
  readonly server: string;
  readonly uri: string;
  readonly user: string;
  readonly password: string;
}

/** A phone in a page, or in a process that stands for one. What goes in and out is JSON. */
export interface PagePhone {
  register(): void;
  dial(target: string): void;
  hold(): void;
  resume(): void;
  transfer(target: string): void;
  hangUp(): void;
  /** What has happened, in order: registered, disconnected, established, held, resumed, ended … */
  events(): readonly string[];
  /** Packets of audio that have come in this call, or the last one. */
  audioReceived(): Promise<number>;
  /** Goes without a word to anybody but the registrar. */
  stop(): Promise<void>;
}

/** What is read of a call's media, of the browser's RTCPeerConnection. */
export interface MediaConnection {
  getStats(): Promise<{ forEach(each: (report: Readonly<Record<string, unknown>>) => void): void }>;
}

/** Counts what has come over a connection, also after it has been closed. */
export class ReceivedAudio {
  #connection: MediaConnection | undefined;
  #received = 0;

  watch(connection: MediaConnection): void {
    this.#connection = connection;
    this.#received = 0;
  }

  async count(): Promise<number> {
    let received = 0;
    (await this.#connection?.getStats())?.forEach(({ type, kind, packetsReceived }) => {
      if (type === 'inbound-rtp' && kind === 'audio') received += Number(packetsReceived);
    });
    this.#received = Math.max(this.#received, received);
    return this.#received;
  }
}
