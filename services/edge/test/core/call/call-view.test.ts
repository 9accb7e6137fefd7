import assert from 'node:assert/strict';
import test from 'node:test';
import type { Call } from '../../../src/core/call/call-state.ts';
import { forkedCall } from '../../support/machine-call.ts';

/** What everybody but the machine tries in vain: the compiler says so, and fails here where it does not. */
function written(call: Call): void {
  // @ts-expect-error -- the machine alone says where a call is.
  call.phase = 'ended';
  // @ts-expect-error -- tags are the machine's.
  call.toTag = 'other';
  // @ts-expect-error -- nothing is added to what was decided.
  call.decisions[0] = Buffer.alloc(0);
  const [attempt] = call.attempts;
  // @ts-expect-error -- nor to what was tried.
  if (attempt !== undefined) call.attempts[1] = attempt;
  // @ts-expect-error -- also what stands in the CDR is deep in it.
  if (attempt !== undefined) attempt.attempt.code = 200;
  // @ts-expect-error -- candidates are as routing gave them.
  if (attempt !== undefined) attempt.candidate.password = '';
  const [branch] = call.branches;
  // @ts-expect-error -- a branch is sent, won and given up by the machine.
  if (branch !== undefined) branch.isLive = false;
  // @ts-expect-error -- the winner is a branch like the others.
  if (call.winner !== undefined) call.winner.isCancelDue = true;
}

test('CALL-06 whoever is not its machine sees a call read-only, however deep', () => {
  // At run time nothing stands in the way: what is held here is that it does not compile.
  const { call } = forkedCall(1);
  written(call);
  assert.equal(call.phase, 'ended');
});
