import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { releaseMemory } from '../src/release-memory.ts';

/** Something that nobody holds any more, as far as V8 has not noticed. */
async function letGo(): Promise<WeakRef<object>> {
  const reference = new WeakRef({ large: true });
  // A weak reference holds what it was made of until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  return reference;
}

function withClock(context: TestContext): (ms: number) => void {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  return (ms) => {
    context.mock.timers.tick(ms);
  };
}

test('ROUTE-13 what a large document leaves behind is given back a second later', async (context) => {
  const pass = withClock(context);
  const reference = await letGo();
  releaseMemory(1_000_000);
  releaseMemory(1_000_000);
  pass(999);
  assert.ok(reference.deref());
  await new Promise((resolve) => setImmediate(resolve));
  pass(1);
  assert.equal(reference.deref(), undefined);
});

test('ROUTE-13 what a small document leaves behind is left to V8', async (context) => {
  const pass = withClock(context);
  const reference = await letGo();
  releaseMemory(10_000);
  pass(5000);
  assert.ok(reference.deref());
});
