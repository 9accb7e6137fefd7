import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const faults = new URL('../src/faults.ts', import.meta.url).href;

/** A process that passes `after-invite` of the first INVITE of a call, then of the second. */
function killedAt(file: string): { readonly said: string; readonly signal: NodeJS.Signals | null } {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-faults-'));
  writeFileSync(join(folder, file), '');
  const script = `
    import { armFaults, passed } from ${JSON.stringify(faults)};
    import { writeSync } from 'node:fs';
    armFaults(${JSON.stringify(folder)});
    for (const sequence of [1, 2]) {
      passed('after-invite', sequence);
      writeSync(1, String(sequence));
    }`;
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.deepEqual(readdirSync(folder), signal === null ? [file] : []);
  rmSync(folder, { recursive: true });
  return { said: stdout.toString(), signal };
}

test('edge.md §9: a file named like a step kills at any INVITE, one with a number behind it at that INVITE', () => {
  assert.deepEqual(killedAt('after-invite'), { said: '', signal: 'SIGKILL' });
  assert.deepEqual(killedAt('after-invite-2'), { said: '1', signal: 'SIGKILL' });
  assert.deepEqual(killedAt('after-invite-3'), { said: '12', signal: null });
});
