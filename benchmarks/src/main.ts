/** Runs every benchmark, one after another, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const BENCHMARKS = [
  'sip-messages.ts',
  'route-lookup.ts',
  'number-lists.ts',
  'table-swap.ts',
  'configuration-memory.ts',
  'bindings.ts',
  'registrations.ts',
  'cdr-write.ts',
  'cdr-queries.ts',
  'rerating.ts',
  'console-lists.ts',
  'call.ts',
  'media-call.ts',
  'relay.ts',
  'ladder.ts',
  'pods.ts',
  'flood.ts',
];

for (const file of BENCHMARKS) {
  process.stdout.write(`\n## ${file}\n\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
