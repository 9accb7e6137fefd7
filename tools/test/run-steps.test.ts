import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runLanes, runUntilFailure, type Step } from '../run-steps.ts';

/** Steps that end when they are told to. */
class Bench {
  readonly folder: string;
  readonly started: string[] = [];
  readonly printed: string[] = [];
  readonly #ends = new Map<string, (passed: boolean) => void>();

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'tandem-steps-'));
    t.after(() => {
      rmSync(this.folder, { recursive: true });
    });
  }

  readonly print = (text: string): void => {
    this.printed.push(text);
  };

  step(name: string): Step {
    return {
      name,
      run: (file) => {
        this.started.push(name);
        if (file !== undefined) writeFileSync(file, `said by ${name}\n`);
        return new Promise((resolve) => this.#ends.set(name, resolve));
      },
    };
  }

  async end(name: string, passed = true): Promise<void> {
    this.#ends.get(name)?.(passed);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('two steps run at a time, the next one when one has ended, and each is printed whole', async (t) => {
  const bench = new Bench(t);
  const steps = ['lint', 'unit tests', 'types'].map((name) => bench.step(name));
  const running = runLanes(steps, 2, bench);
  assert.deepEqual(bench.started, ['lint', 'unit tests']);
  await bench.end('unit tests', false);
  assert.deepEqual(bench.started, ['lint', 'unit tests', 'types']);
  await bench.end('types');
  await bench.end('lint');
  const results = (await running).map(({ name, passed }) => [name, passed]);
  assert.deepEqual(results, [
    ['unit tests', false],
    ['types', true],
    ['lint', true],
  ]);
  assert.deepEqual(bench.printed, [
    '\n── unit tests\nsaid by unit tests\n',
    '\n── types\nsaid by types\n',
    '\n── lint\nsaid by lint\n',
  ]);
});

test('a failed step of a set-up is the last one', async (t) => {
  const bench = new Bench(t);
  const steps = ['install', 'start the stores'].map((name) => bench.step(name));
  const running = runUntilFailure(steps, bench);
  await bench.end('install', false);
  const results = await running;
  assert.deepEqual(
    results.map(({ name, passed }) => [name, passed]),
    [['install', false]],
  );
  assert.deepEqual(bench.started, ['install']);
});
