import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a store that can be cut, so that the store is away for one client alone. */
export interface CuttableRelay {
  /** The store's URL with the relay's port. */
  readonly url: string;
  /** Connections that were refused since it was cut. */
  refused(): number;
  /** Breaks what is connected and refuses what comes. */
  cut(): void;
  /** Keeps connections, takes new ones, and lets nothing through. */
  silence(): void;
  heal(): void;
  close(): void;
}

/** Opens a relay before the store at `target`. */
export async function openCuttableRelay(target: string): Promise<CuttableRelay> {
  const store = new URL(target);
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  let refused = 0;
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (state === 'cut') {
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(Number(store.port), store.hostname);
    far.on('error', () => undefined);
    const pair = { near, far };
    pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    near.on('close', end);
    far.on('close', end);
    near.pipe(far).pipe(near);
    if (state === 'silent') hold(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cutAll = (): void => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: url.href,
    refused: () => refused,
    cut: () => {
      state = 'cut';
      refused = 0;
      cutAll();
    },
    silence: () => {
      state = 'silent';
      pairs.forEach(hold);
    },
    heal: () => {
      // What was held back is lost with its connection.
      if (state === 'silent') cutAll();
      state = 'open';
    },
    close: () => {
      cutAll();
      server.close();
    },
  };
}

function hold({ near, far }: { readonly near: Socket; readonly far: Socket }): void {
  near.unpipe(far);
  far.unpipe(near);
  near.pause();
  far.pause();
}
