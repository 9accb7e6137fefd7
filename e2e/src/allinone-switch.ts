import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { hostPort } from './host-port.ts';
import { ManagedProcess } from './managed-process.ts';
import {
  type RunningSwitch,
  type SwitchOptions,
  optionVariables,
  untilRouted,
} from './running-switch.ts';
import { SwitchApi } from './switch-api.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const READY = /tandem ready sip=udp:([\d.]+):(\d+) api=(\S+) data=(\S+)/;

/** Starts what `make run` starts, on ports and in a data directory of its own. */
export async function startAllinone(options: SwitchOptions = {}): Promise<RunningSwitch> {
  const [sipPort = 0, apiPort = 0] = await freePorts(2);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tandem-e2e-')));
  const process_ = new ManagedProcess({
    name: 'allinone',
    command: process.execPath,
    args: [...(options.nodeArgs?.['allinone'] ?? []), 'services/allinone/src/main.ts'],
    cwd: REPOSITORY,
    env: {
      TANDEM_SIP_LISTEN: (options.addresses ?? ['127.0.0.1'])
        .map((address) => hostPort(address, sipPort))
        .join(','),
      TANDEM_API_LISTEN: `127.0.0.1:${String(apiPort)}`,
      TANDEM_DATA_DIR: dataDir,
      ...optionVariables(options),
      ...options.env,
    },
  });
  const ready = await process_.line(READY, 60_000);
  const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
  const api = new SwitchApi(ready[3] ?? '', token);
  return {
    way: 'allinone',
    sip: { address: ready[1] ?? '', port: Number(ready[2]) },
    api,
    // The services of one process have their configuration from one source, all at once.
    configure: async (document) => untilRouted(api, await api.apply(document), document),
    processes: new Map([['allinone', process_]]),
    restart: () => Promise.reject(new Error('the services are one process')),
    stop: async () => {
      await process_.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
