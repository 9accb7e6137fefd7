import { decided } from '@tandem/domain';
import { redisForTest, SharedTime } from '@tandem/testing';
import fc from 'fast-check';
import { after, test } from 'node:test';
import { MemoryAuthStore } from '../../src/adapters/memory-auth-store.ts';
import { RedisAuthStore } from '../../src/adapters/redis-auth-store.ts';
import { elsewhereText, terminalText } from '../../src/core/terminal.ts';
import type { AuthStore } from '../../src/ports.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

const places = ['192.0.2.1', '192.0.2.2', '2001:db8:0:1::/64'];
const place = fc.constantFrom(...places);
const terminal = fc.record({
  user: fc.constantFrom('phone 1', 'phone 2', 'unknown-user 1'),
  place,
});
const abuse = fc.record({
  knownPlaceMs: fc.constant(120_000),
  sourceMaxFailures: fc.constantFrom(0, 0, 3, 7),
  sourceWindowMs: fc.constant(45_000),
  blacklistMs: fc.constant(60_000),
});
const isSpared = fc.constantFrom(false, false, true);
/** A nonce is drawn once: commands name those that were drawn lately by how long ago that was. */
const back = fc.integer({ min: 1, max: 12 });
const realm = fc.constantFrom('tandem', 'other');
// No sum of the times that pass below is near one of these, nor near the sum of timeout and lifetime.
const terms = fc.record({
  challengeMode: fc.constantFrom(1, 2, 3),
  retryLimit: fc.nat(3),
  timeoutMs: fc.constant(10_000),
  maxFailures: fc.nat(4),
  suspendMs: fc.constant(60_000),
  userMaxFailures: fc.constantFrom(0, 2, 5),
});
const fresh = fc.record({
  realm,
  terms,
  lifetimeMs: fc.constant(30_000),
});
const session = fc.constantFrom('s1', 's2');
const attempt = fc.record({
  cseq: fc.nat(4),
  method: fc.constantFrom('INVITE', 'REGISTER'),
  address: fc.constant('192.0.2.1'),
  port: fc.constant(5060),
  userAgent: fc.constantFrom('', 'PBX "1"'),
  lack: fc.constantFrom('no credentials', 'a nonce that is good'),
  call: fc.constantFrom(
    { sipCallId: '', transport: '', caller: '', callee: '', sentBy: '' },
    { sipCallId: 'a"b@pbx', transport: 'udp', caller: '1 1 1', callee: '44', sentBy: '10.0.0.7' },
  ),
});
const presented = fc.record({
  terminal,
  abuse,
  isSpared,
  session,
  attempt,
  back,
  realm,
  fingerprint: fc.constantFrom('f1', 'f2', 'f3', 'f4', 'f5'),
  fresh,
  nonceCount: fc.option(fc.oneof(fc.nat(4), fc.constant(0xffff_ffff)), { nil: undefined }),
  source: fc.constantFrom('192.0.2.1:5060', '[2001:db8::1]:5061'),
  cause: fc.constantFrom('wrong password', 'wrong "realm"'),
  explanation: fc.constantFrom('', 'sent "a", expected "b"'),
});

/** One command, of either adapter; `at` is its place in the history. */
type Command =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'ask';
      readonly text: string;
      readonly of: (store: AuthStore, at: number, nowMs: number) => Promise<unknown>;
    };

function ask<T>(
  name: string,
  values: fc.Arbitrary<T>,
  of: (store: AuthStore, values: T, at: number, nowMs: number) => Promise<unknown>,
): fc.Arbitrary<Command> {
  return values.map((value) => ({
    kind: 'ask',
    text: `${name} ${fc.stringify(value)}`,
    of: (store, at, nowMs) => of(store, value, at, nowMs),
  }));
}

function drawn(at: number): string {
  return `n${String(at)}`;
}

function presentedAt(
  value: typeof presented extends fc.Arbitrary<infer T> ? T : never,
  at: number,
  atMs: number,
) {
  const { back: ago, ...rest } = value;
  // No two terminals send the same request.
  const fingerprint = `${terminalText(value.terminal)} ${value.fingerprint}`;
  return {
    ...rest,
    attempt: { ...rest.attempt, atMs },
    fingerprint,
    nonce: drawn(at - ago),
    fresh: { ...value.fresh, nonce: drawn(at) },
  };
}

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom(400, 7300, 25_100, 70_700).map((ms) => ({ kind: 'pass', ms }) as const),
  ask(
    'issue',
    fc.record({ terminal, fresh, abuse, isSpared, session, attempt }),
    (store, asked, at, atMs) =>
      store.issue({
        ...asked,
        attempt: { ...asked.attempt, atMs },
        fresh: { ...asked.fresh, nonce: drawn(at) },
      }),
  ),
  {
    weight: 3,
    arbitrary: ask('accept', presented, (store, asked, at, nowMs) =>
      store.accept(presentedAt(asked, at, nowMs)),
    ),
  },
  {
    weight: 6,
    arbitrary: ask('refuse', presented, (store, asked, at, nowMs) =>
      store.refuse(presentedAt(asked, at, nowMs)),
    ),
  },
  ask('lift', terminal, (store, asked) => store.liftSuspension(terminalText(asked))),
  ask('lift elsewhere', terminal, (store, asked) => store.liftSuspension(elsewhereText(asked))),
  ask('black-list', place, (store, asked) =>
    store.addToBlacklist({ place: asked, forMs: 60_000, cause: 'an operator' }),
  ),
  ask('lift black', place, (store, asked) => store.liftFromBlacklist(asked)),
  ask('conclude', fc.boolean(), concluded),
  ask('gather', fc.record({ terminal, isSpared }), (store, asked) =>
    store.gather({ terminal: asked.terminal, ...newFailure }, asked),
  ),
  ask('list', fc.constant(undefined), (store) => listed(store)),
);

const newFailure = {
  cause: 'challenge never answered',
  reason: 'IpNotAllowed',
  decision: decided('source-unknown', {
    subject: 'phone 1',
    facts: { SS_UNKNOWN_SOURCE: 'refuse', source: '192.0.2.1:5060' },
    atMs: 1,
  }),
} as const;

/** Takes what nobody answered, and concludes it, unless the pod is killed between the two. */
async function concluded(store: AuthStore, isKilled: boolean): Promise<unknown> {
  const taken = [...(await store.takeUnanswered())];
  taken.sort((a, b) => (a.session < b.session ? -1 : 1));
  if (isKilled) return taken;
  const done: boolean[] = [];
  for (const { session: whose, terminal: who } of taken) {
    done.push(await store.conclude(whose, { terminal: who, ...newFailure }));
    done.push(await store.conclude(whose, { terminal: who, ...newFailure }));
  }
  return { taken, done };
}

/** Two that end in the same ms in one store may not in the other. */
async function listed(store: AuthStore): Promise<unknown> {
  const sorted = <T>(found: readonly T[], nameOf: (each: T) => string): T[] =>
    [...found].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    suspensions: sorted(await store.listSuspensions(), (each) => each.terminal),
    blacklist: sorted(await store.listBlacklist(), (each) => each.place),
    failures: sorted(await store.listFailures(), ({ user, place: at }) => `${user} ${at}`),
  };
}

test('AUTH-04 AUTH-06 AUTH-07 AUTH-08 AUTH-10 the stores in Redis and in memory say the same, whatever is asked of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 50, size: 'max' }),
      async (history) => {
        opened += 1;
        const own = `${prefix}-${String(opened)}`;
        const time = new SharedTime(redis, `{${own}}`);
        const real = new RedisAuthStore(redis, own);
        const memory = new MemoryAuthStore({ nowMs: () => time.now() });
        const all = { kind: 'ask', text: 'what is visible in the end', of: listed } as const;
        for (const [at, each] of [...history, all].entries()) {
          if (each.kind === 'pass') {
            await time.pass(each.ms);
            continue;
          }
          await time.catchUp();
          const inMemory = await each.of(memory, at, time.now());
          // Both run on this machine.
          time.assertSame(await each.of(real, at, Date.now()), inMemory, each.text);
        }
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 6000, markInterruptAsFailure: false },
  );
});
