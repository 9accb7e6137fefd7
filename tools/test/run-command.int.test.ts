import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../run-command.ts';

const limitMs = 30_000;

test('a patient command counts for less than others, and passes or fails as ever', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-command-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const outputFile = join(folder, 'output');
  const niceness = async (isPatient: boolean): Promise<number> => {
    assert.equal(await runCommand('nice', [], { limitMs, isPatient, outputFile }), true);
    return Number(readFileSync(outputFile, 'utf8'));
  };
  assert.ok((await niceness(true)) > (await niceness(false)));
  for (const isPatient of [false, true]) {
    assert.equal(await runCommand('false', [], { limitMs, isPatient, outputFile }), false);
    assert.equal(await runCommand('no-such', [], { limitMs, isPatient, outputFile }), false);
  }
});
