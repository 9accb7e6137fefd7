import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const faults = new URL('../src/faults.ts', import.meta.url).href;

/** A process that passes a step with one thing after the other: by default the INVITEs of a call. */
function killedAt(
  file: string,
  step = 'after-invite',
  passing: readonly (number | string)[] = [1, 2],
): { readonly said: string; readonly signal: NodeJS.Signals | null } {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-faults-'));
  writeFileSync(join(folder, file), '');
  const script = `
    import { armFaults, passed } from ${JSON.stringify(faults)};
    import { writeSync } from 'node:fs';
    armFaults(${JSON.stringify(folder)});
    for (const which of ${JSON.stringify(passing)}) {
      passed(${JSON.stringify(step)}, which);
      writeSync(1, String(which));
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

test('edge.md §9: a file named like a step and a method kills where a request of that method passes', () => {
  const step = 'after-request-relay';
  const passing = ['ACK', 'BYE'];
  assert.deepEqual(killedAt(step, step, passing), { said: '', signal: 'SIGKILL' });
  assert.deepEqual(killedAt(`${step}-BYE`, step, passing), { said: 'ACK', signal: 'SIGKILL' });
  assert.deepEqual(killedAt(`${step}-PRACK`, step, passing), { said: 'ACKBYE', signal: null });
});
