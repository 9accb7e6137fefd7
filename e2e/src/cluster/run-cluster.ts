import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Cluster, type ProcessLine } from './cluster.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { openDataFolder } from './data-folder.ts';
import { openKeptStores } from './kept-stores.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/first-call.yaml');

/** A cluster on a data folder and stores that stay. */
export interface KeptCluster {
  readonly cluster: Cluster;
  /** Stops the processes, and the stores where this run has started them. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster as `make cluster` does, with the example loaded where there is no configuration yet.
 * @param onStart called at each start of a process
 * @throws Error in words for an operator where an address is taken, or a process does not start
 */
export async function startKeptCluster(
  settings: ClusterSettings,
  onStart: (line: ProcessLine) => void,
): Promise<KeptCluster> {
  await requireFree(settings);
  const folder = openDataFolder(settings.dataDir);
  const stores = await openKeptStores(folder.id).catch((error: unknown) => {
    folder.release();
    throw error;
  });
  const close = (): void => {
    stores.stop();
    folder.release();
  };
  try {
    const cluster = await Cluster.start({
      ...settings,
      dataDir: folder.path,
      seed: randomInt(2 ** 31),
      secretKeyFile: folder.secretKeyFile,
      logs: folder.logs,
      stores,
      onStart,
    });
    await loadExample(cluster);
    await cluster.ready();
    return {
      cluster,
      stop: async () => {
        await cluster.stop();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A switch without a configuration takes no calls: the first start gets the example, as `make run` does. */
async function loadExample({ api }: Cluster): Promise<void> {
  if (await api.hasConfiguration()) return;
  const { status, body } = await api.tryApply(await readFile(EXAMPLE, 'utf8'), 'application/yaml');
  if (status >= 300) throw new Error(`the example was not taken: ${JSON.stringify(body)}`);
}

async function requireFree({ sip, api }: ClusterSettings): Promise<void> {
  const isSipFree = (await canBind(sip)) && (await canListen(sip));
  if (!isSipFree) throw new Error(taken('TANDEM_SIP_LISTEN', sip));
  if (!(await canListen(api))) throw new Error(taken('TANDEM_API_LISTEN', api));
}

function taken(variable: string, address: string): string {
  return `${variable}: ${address} is in use, or no address of this machine: write another one`;
}

function canListen(text: string): Promise<boolean> {
  const { host, port } = split(text);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

function canBind(text: string): Promise<boolean> {
  const { host, port } = split(text);
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, host, () => {
      socket.close(() => {
        resolve(true);
      });
    });
  });
}

function split(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
