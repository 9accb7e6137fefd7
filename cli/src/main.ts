#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// The second start is twice as fast: a command line is started often.
enableCompileCache();
const { runCli } = await import('./run-cli.ts');
const { readSecret } = await import('./read-secret.ts');

// Closing the pipe early, as head does, is no failure.
process.stdout.on('error', () => process.exit(0));
// Of a command that asks for it the first Ctrl-C ends what waits, the second the process.
const untilInterrupted = (): AbortSignal => {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interruption.abort();
    });
  }
  return interruption.signal;
};
process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  fetch,
  isTerminal: process.stdout.isTTY,
  ...(process.stdin.isTTY ? { readSecret } : {}),
  isWatched: process.stderr.isTTY,
  width: process.stdout.columns,
  untilInterrupted,
});
