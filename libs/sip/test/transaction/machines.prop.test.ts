import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  inviteClientStep,
  inviteServerStep,
  nonInviteClientStep,
  nonInviteServerStep,
  startInviteClient,
  startInviteServer,
  startNonInviteClient,
  startNonInviteServer,
  timerValues,
  type Effect,
  type TimerName,
  type Transition,
} from '../../src/index.ts';

/*
 * Whatever comes in whatever order: a machine throws nothing, ends once, is still afterwards, and leaves no timer
 * running that it does not stop or that ends it.
 */

interface State {
  readonly name: string;
}

interface Machine<Input> {
  readonly name: string;
  start(isReliable: boolean): Transition<State>;
  step(state: State, input: Input, isReliable: boolean): Transition<State>;
  readonly inputs: fc.Arbitrary<Input>;
}

const values = [timerValues({ tryingMs: 200 }), timerValues({ isReliable: true })] as const;
const valuesOf = (isReliable: boolean): (typeof values)[0] => values[isReliable ? 1 : 0];

const timerNames: readonly TimerName[] = 'A B D E F G H I J K L M Trying'.split(' ') as TimerName[];
const common = [
  fc.record({ kind: fc.constant('timer' as const), name: fc.constantFrom(...timerNames) }),
  fc.constant({ kind: 'transport-error' as const }),
] as const;
const status = fc.constantFrom(100, 180, 183, 200, 202, 302, 401, 486, 503, 603);
const clientInputs = fc.oneof(
  ...common,
  fc.record({ kind: fc.constant('response' as const), status }),
);
const respond = fc.record({ kind: fc.constant('respond' as const), status });
const request = fc.constant({ kind: 'request' as const });
const ack = fc.constant({ kind: 'ack' as const });

function check<Input>(machine: Machine<Input>): void {
  test(`CALL-02 the ${machine.name} transaction ends once and stays ended, whatever comes`, () => {
    const inputs = fc.array(machine.inputs, { maxLength: 60 });
    fc.assert(
      fc.property(fc.boolean(), inputs, (isReliable, drawn) => {
        const running = new Set<TimerName>();
        let { state, effects } = machine.start(isReliable);
        follow(effects, running);
        let ends = 0;
        for (const input of drawn) {
          const wasOver = state.name === 'Terminated';
          // A timer fires only if it runs.
          if (isTimer(input) && !running.delete(input.name)) continue;
          ({ state, effects } = machine.step(state, input, isReliable));
          follow(effects, running);
          if (wasOver) assert.deepEqual(effects, []);
          ends += effects.filter(({ kind }) => kind === 'terminated').length;
          assert.equal(
            effects.at(-1)?.kind === 'terminated',
            ends === 1 && !wasOver && isOver(state),
          );
        }
        assert.equal(ends, isOver(state) ? 1 : 0);
        if (isOver(state)) assert.deepEqual([...running], []);
      }),
      { numRuns: 1000 },
    );
  });
}

function isOver({ name }: State): boolean {
  return name === 'Terminated';
}

function isTimer(input: unknown): input is { readonly kind: 'timer'; readonly name: TimerName } {
  return (input as { readonly kind: string }).kind === 'timer';
}

function follow(effects: readonly Effect[], running: Set<TimerName>): void {
  for (const effect of effects) {
    if (effect.kind === 'start-timer') running.add(effect.name);
    else if (effect.kind === 'stop-timer') running.delete(effect.name);
  }
}

check({
  name: 'INVITE client',
  start: (isReliable) => startInviteClient(valuesOf(isReliable)),
  step: (state, input, isReliable) =>
    inviteClientStep(state as Parameters<typeof inviteClientStep>[0], input, valuesOf(isReliable)),
  inputs: clientInputs,
});
check({
  name: 'INVITE server',
  start: (isReliable) => startInviteServer(valuesOf(isReliable)),
  step: (state, input, isReliable) =>
    inviteServerStep(state as Parameters<typeof inviteServerStep>[0], input, valuesOf(isReliable)),
  inputs: fc.oneof(...common, respond, request, ack),
});
check({
  name: 'non-INVITE client',
  start: (isReliable) => startNonInviteClient(valuesOf(isReliable)),
  step: (state, input, isReliable) =>
    nonInviteClientStep(
      state as Parameters<typeof nonInviteClientStep>[0],
      input,
      valuesOf(isReliable),
    ),
  inputs: clientInputs,
});
check({
  name: 'non-INVITE server',
  start: () => startNonInviteServer(),
  step: (state, input, isReliable) =>
    nonInviteServerStep(
      state as Parameters<typeof nonInviteServerStep>[0],
      input,
      valuesOf(isReliable),
    ),
  inputs: fc.oneof(...common, respond, request),
});
