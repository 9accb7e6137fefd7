import { configurationSchema } from '@tandem/config';
import { RegistrationFilter } from '@tandem/proto/registrar';
import type { RegisterResponse } from '@tandem/proto/registrar';
import { silentLogger } from '@tandem/service';
import { redisForTest } from '@tandem/testing';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MemoryBindingStore } from '../src/adapters/memory-binding-store.ts';
import { RedisBindingStore } from '../src/adapters/redis-binding-store.ts';
import { phonesOf } from '../src/core/policy.ts';
import type { BindingStore } from '../src/ports.ts';
import { silentJournal } from '@tandem/events';
import { Registrar } from '../src/registrar.ts';
import { RegistrationLists } from '../src/registration-lists.ts';
import { requestOf } from './requests.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

const usernames = ['1001', '1002', '1003'];
const phones = phonesOf(
  configurationSchema.parse({
    parameters: { SERVER_REGISTRAR_MAX_BINDINGS: 2, SS_ENDPOINT_EXPIRE_SPREAD: 0 },
    rateGroups: [{ name: 'standard', currency: 'USD' }],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    phones: usernames.map((username) => ({ username, password: 'p', account: 'demo' })),
  }),
  1,
);

const step = fc.record({
  phone: fc.constantFrom(...usernames),
  contacts: fc.array(
    fc.record({
      uri: fc.constantFrom('sip:1@192.0.2.1', 'sip:1@192.0.2.2', 'sip:1@10.0.0.1'),
      expires: fc.constantFrom(undefined, 0, 10, 600),
      instance: fc.constantFrom('', '<urn:1>'),
    }),
    { maxLength: 2 },
  ),
  isStar: fc.boolean(),
  expires: fc.constantFrom(undefined, 0, 3600),
  cseq: fc.integer({ min: 1, max: 6 }),
  sipCallId: fc.constantFrom('a', 'b'),
  branch: fc.constantFrom('x', 'y'),
  source: fc.constantFrom('192.0.2.1:5060', '[2001:db8::1]:40000'),
  userAgent: fc.constantFrom('Snom', 'baresip ☎'),
});

class Switch {
  readonly #registrars: readonly Registrar[];
  readonly #lists: RegistrationLists;

  /** @param stores of as many pods */
  constructor(stores: readonly BindingStore[]) {
    const [first] = stores;
    assert.ok(first !== undefined);
    const parts = { phones: () => phones, random: () => 0, logger: silentLogger() };
    this.#registrars = stores.map(
      (store) => new Registrar({ ...parts, journal: silentJournal, store }),
    );
    const [registrar] = this.#registrars;
    assert.ok(registrar !== undefined);
    this.#lists = new RegistrationLists({ ...parts, store: first }, registrar);
  }

  async register(at: number, request: Parameters<typeof requestOf>[0]): Promise<unknown> {
    const registrar = this.#registrars[at % this.#registrars.length];
    assert.ok(registrar !== undefined);
    return withoutTimes(await registrar.register(requestOf(request)));
  }

  async lists(): Promise<unknown> {
    const of = async (filter: Partial<RegistrationFilter>, sort: string) => {
      const asked = { filter: RegistrationFilter.create(filter), sort, limit: 0, cursor: '' };
      const { registrations, total } = await this.#lists.list(asked);
      return [total, registrations.map(({ phone, contact, source }) => [phone, contact, source])];
    };
    return Promise.all([
      of({}, ''),
      of({}, 'source'),
      of({}, 'user-agent'),
      of({ source: '2001:db8::/32' }, ''),
      of({ userAgent: 'snom' }, ''),
      of({ account: 'demo', status: 'unregistered' }, ''),
    ]);
  }
}

/** Each store has its own clock. */
function withoutTimes({ outcome }: RegisterResponse): unknown {
  if (outcome?.$case !== 'registered') return outcome;
  // A session is told apart by when it began.
  return outcome.value.contacts.map((contact) => ({ ...contact, expires: 0, session: 0 }));
}

test('REG-01 REG-05 whatever is registered in whatever order, two pods on Redis and one in memory answer and list the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      opened += 1;
      const own = `${prefix}-${String(opened)}`;
      const stores = [1, 2].map(() => new RedisBindingStore(redis, own));
      const real = new Switch(stores);
      // A time at which nothing has expired.
      const model = new Switch([new MemoryBindingStore(() => 0)]);
      for (const [at, request] of steps.entries()) {
        assert.deepEqual(await real.register(at, request), await model.register(at, request));
      }
      assert.deepEqual(await real.lists(), await model.lists());
    }),
    { numRuns: 60 },
  );
});
