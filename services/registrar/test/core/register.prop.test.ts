import { isSameUri } from '@tandem/sip';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, isHeld } from '../../src/core/binding.ts';
import { PhoneUnderTest } from '../requests.ts';

const contact = fc.record({
  uri: fc.constantFrom(
    'sip:1@192.0.2.1',
    'sip:1@192.0.2.2',
    'sip:%31@192.0.2.2',
    'sip:1@10.0.0.1',
    'sip:1@h.invalid;transport=ws',
  ),
  expires: fc.constantFrom(undefined, 0, 10, 60, 600, 9999),
  instance: fc.constantFrom('', '', '<urn:1>', '<urn:2>'),
  regId: fc.nat(2),
});
const step = fc.record({
  contacts: fc.array(contact, { maxLength: 3 }),
  isStar: fc.boolean(),
  expires: fc.constantFrom(undefined, 0, 0, 60, 3600),
  cseq: fc.integer({ min: 1, max: 12 }),
  sipCallId: fc.constantFrom('a', 'b'),
  isOutbound: fc.boolean(),
  mark: fc.nat(3),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  passSeconds: fc.constantFrom(0, 0, 1, 50, 300),
});

test('REG-01, REG-03 whatever is asked for: refused means unchanged, no binding is there twice, none goes back in its CSeq, no more devices than may be', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      (steps, maxDevices, replaces) => {
        const phone = new PhoneUnderTest({ maxDevices, replaces });
        for (const { mark, random, passSeconds, ...request } of steps) {
          phone.pass(passSeconds);
          const before = phone.bindings;
          const outcome = phone.register(request, { mark, random });
          const { bindings } = phone;
          if (outcome.kind === 'refused') {
            assert.deepEqual(bindings, before);
            continue;
          }
          assert.ok(new Set(bindings.map(deviceOf)).size <= maxDevices);
          for (const [at, one] of bindings.entries()) {
            for (const other of bindings.slice(at + 1)) {
              const isOfOneDevice = one.instance !== '' && one.instance === other.instance;
              if (isOfOneDevice) assert.notEqual(one.regId, other.regId);
              else if (one.instance === '' || other.instance === '') {
                assert.equal(isSameUri(one.contact, other.contact), false);
              }
            }
          }
          for (const old of before.filter((each) => isHeld(each, phone.nowMs))) {
            const now = bindings.find(
              (each) => each.sipCallId === old.sipCallId && each.contact === old.contact,
            );
            if (now?.instance === old.instance && now.regId === old.regId) {
              assert.ok(now.cseq >= old.cseq);
            }
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
