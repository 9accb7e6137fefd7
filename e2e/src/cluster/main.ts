/**
 * What `make cluster` runs: a whole switch of separate processes on real stores, with PODS edges behind one SIP address.
 * Prints a JSON line for each process, and again for each that was killed and started anew; Ctrl-C stops everything.
 */
import { writeSync } from 'node:fs';
import { readClusterSettings } from './cluster-settings.ts';
import { type KeptCluster, startKeptCluster } from './run-cluster.ts';

const state: { starting?: Promise<KeptCluster>; isStopping: boolean } = { isStopping: false };

// Lines must be out before a process that reads them acts on the next one, also where standard output is a pipe.
const print = (line: string): void => {
  writeSync(1, `${line}\n`);
};

function stop(): void {
  // A second signal: whatever still runs is killed as this process exits.
  if (state.isStopping) process.exit(130);
  state.isStopping = true;
  void state.starting
    ?.then(
      async (running) => {
        await running.stop();
        process.exit(0);
      },
      () => process.exit(1),
    )
    .catch(fail);
}

function fail(error: unknown): never {
  process.stderr.write(`cluster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
try {
  const settings = readClusterSettings(process.env);
  state.starting = startKeptCluster(settings, (line) => {
    print(JSON.stringify(line));
  });
  await state.starting;
  if (!state.isStopping)
    print(`tandem cluster ready sip=udp:${settings.sip} api=http://${settings.api}`);
} catch (error) {
  fail(error);
}
