import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RefusalReason, refusals } from '@tandem/domain';
import { callAsPhone, callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { onEachWay } from '../src/each-way.ts';
import {
  type RefusalSetting,
  numbers,
  refusedPhones,
  startRefusalSetting,
} from '../src/refusal-cases.ts';
import { header } from '../src/sip-trace.ts';
import type { SippResult } from '../src/sipp.ts';
import { until } from '../src/until.ts';

/** An address in no list. */
const UNLISTED = '127.0.0.99';
let setting: RefusalSetting | undefined;
let unlistedCallId = '';

onEachWay(
  'refusals on the side of the customer',
  {
    usual: 'real',
    setUp: async (running) => {
      setting = await startRefusalSetting();
      await running.configure(setting.document);
    },
    tearDown: async () => setting?.stop(),
  },
  (theSwitch, way) => {
    // First of all: that nobody answers is seen ten seconds later, by the last test.
    test('AUTH-14 a trunk at an address that nobody lists is challenged like anybody', async () => {
      const unlisted = { address: UNLISTED, caller: '441632960199' };
      const result = await callAsTrunk(theSwitch(), numbers.answers, unlisted);
      unlistedCallId = sipCallId(result);
      assert.equal(finalResponse(result).status, 407);
      assert.equal(header(finalResponse(result), 'Server'), undefined);
    });

    test('DENY-01 a locked account is refused', async () => {
      const result = await callAsPhone(theSwitch(), numbers.answers, as('locked'));
      await isRefused(result, 'AccountLocked', ['locked']);
    });

    test('DENY-02 an account past its validity is refused', async () => {
      const result = await callAsPhone(theSwitch(), numbers.answers, as('expired'));
      await isRefused(result, 'AccountExpired', ['expired', '2020-01-01']);
    });

    test('DENY-05 an account without money is refused', async () => {
      const result = await callAsPhone(theSwitch(), numbers.answers, as('broke'));
      await isRefused(result, 'InsufficientBalance', ['broke', '0']);
    });

    test('DENY-06 a number without a rate is refused', async () => {
      const result = await callAsPhone(theSwitch(), numbers.noRate);
      await isRefused(result, 'NoRate', ['standard', numbers.noRate]);
    });

    test('DENY-11 a number without a gateway is refused', async () => {
      const result = await callAsPhone(theSwitch(), numbers.noRoute);
      await isRefused(result, 'NoAvailableRouter', [numbers.noRoute]);
    });

    test('ROUTE-15 an account past its calls per second is refused, and told when to come back', async () => {
      let refused: SippResult | undefined;
      // A machine that is busy may begin two calls in two seconds.
      for (let round = 0; round < 5 && refused === undefined; round += 1) {
        const calls = [1, 2].map(() => callAsPhone(theSwitch(), numbers.answers, as('fast')));
        const results = await Promise.all(calls);
        assert.ok(results.some((result) => finalResponse(result).status === 200));
        refused = results.find((result) => finalResponse(result).status === 503);
      }
      assert.ok(refused !== undefined, 'two calls in a second were taken');
      assert.match(header(finalResponse(refused), 'Retry-After') ?? '', /^\d+/);
      await isRefused(refused, 'CpsLimitExceeded', ['fast', '1 calls a second']);
    });

    test('DENY-07 a second call of an account with one line is refused while the first is up', async () => {
      const held = callAsPhone(theSwitch(), numbers.answers, { ...as('oneLine'), pauseMs: 4000 });
      await until('the line is held', async () => (await theSwitch().api.linesHeld()) > 0);
      const result = await callAsPhone(theSwitch(), numbers.answers, as('oneLine'));
      await isRefused(result, 'LineLimitExceeded', ['one-line', '1']);
      assert.equal((await held).successful, 1);
      const after = await callAsPhone(theSwitch(), numbers.answers, as('oneLine'));
      assert.equal(finalResponse(after).status, 200);
    });

    test('DENY-08 wrong passwords end in 403, the phone is suspended and can be let in again', async () => {
      const { api } = theSwitch();
      // Where a phone has proved itself its refusals have CDRs (behaviour section 2).
      const proved = await callAsPhone(theSwitch(), numbers.answers, as('guessed'));
      assert.equal(finalResponse(proved).status, 200, proved.output);
      const guess = { ...as('guessed'), password: 'wrong' };
      const guessed = await callAsPhone(theSwitch(), numbers.answers, guess);
      // One challenge for the request without credentials, three for wrong ones (AUTH-06).
      assert.equal(guessed.messages.filter(({ status }) => status === 407).length, 4);
      await isRefused(guessed, 'AuthenticationFailed', ['2005', 'SS_SIP_AUTHENTICATION_RETRY']);

      // AUTH-07: the second failure suspends the phone, whatever the password is from then on.
      await callAsPhone(theSwitch(), numbers.answers, guess);
      const suspended = await callAsPhone(theSwitch(), numbers.answers, as('guessed'));
      await isRefused(suspended, 'Suspended', ['2005', 'SS_AUTHENTICATION_MAX_RETRY']);
      const [suspension] = await api.suspensions();
      assert.equal(suspension?.terminal, 'phone 2005 at 127.0.0.1');
      await api.liftSuspension('phone 2005');
      const lifted = await callAsPhone(theSwitch(), numbers.answers, as('guessed'));
      assert.equal(finalResponse(lifted).status, 200, lifted.output);
    });

    // A minute is the shortest suspension there is, so its end is waited for in one way only.
    if (way === 'allinone') {
      test('AUTH-07 a suspension ends by itself after its time', async () => {
        const { api } = theSwitch();
        for (let session = 0; session < 2; session += 1) {
          await callAsPhone(theSwitch(), numbers.answers, { ...as('guessed'), password: 'wrong' });
        }
        const suspended = await callAsPhone(theSwitch(), numbers.answers, as('guessed'));
        assert.equal(finalResponse(suspended).status, 403);
        const isOver = async (): Promise<boolean> => (await api.suspensions()).length === 0;
        await until('the suspension is over', isOver, { timeoutMs: 70_000, everyMs: 1000 });
        const later = await callAsPhone(theSwitch(), numbers.answers, as('guessed'));
        assert.equal(finalResponse(later).status, 200, later.output);
      });
    }

    test('AUTH-05 an unknown phone looks like a wrong password', async () => {
      const stranger = { username: '9999', password: 'whatever' };
      const { api } = theSwitch();
      const result = await callAsPhone(theSwitch(), numbers.answers, stranger);
      const response = finalResponse(result);
      assert.equal(response.start, 'SIP/2.0 403 Forbidden');
      assert.match(header(response, 'Warning') ?? '', /"Authentication failed"$/);
      // Nobody is known to have called, so there is no CDR: it is gathered.
      const failures = await api.authenticationFailures();
      const failure = failures.find(({ user }) => user === 'unknown-user 9999');
      assert.deepEqual([failure?.source, failure?.count], ['127.0.0.1', 4]);
    });

    test('AUTH-14 that it did not answer is kept, with the list that comes nearest', async () => {
      const { api } = theSwitch();
      const find = async () => {
        const failures = await api.authenticationFailures();
        return failures.find(({ source }) => source === UNLISTED);
      };
      await until('the call is gathered', async () => (await find()) !== undefined, {
        timeoutMs: 20_000,
        everyMs: 500,
      });
      const failure = await find();
      assert.equal(failure?.reason, 'IpNotAllowed');
      assert.match(
        failure.explanation,
        /no gateway lists the address; the list of mapping gateway/,
      );
      assert.match(failure.change, new RegExp(`Add ${UNLISTED}`));
      // An attempt like any other.
      const cdr = await api.cdrOf(unlistedCallId);
      assert.deepEqual([cdr.reason, cdr.code], ['IpNotAllowed', 407]);
      const { text } = await api.explain(unlistedCallId);
      assert.ok(text.includes('no gateway lists the address'), text);
    });

    function as(who: keyof typeof refusedPhones) {
      return { username: refusedPhones[who] };
    }

    /** Code and Warning on the wire, reason in the CDR, and what decided in `explain`. */
    async function isRefused(
      result: SippResult,
      reason: RefusalReason,
      mentioned: readonly string[],
    ): Promise<void> {
      const { code, phrase, warning } = refusals[reason];
      const response = finalResponse(result);
      assert.equal(response.start, `SIP/2.0 ${String(code)} ${phrase}`);
      assert.match(header(response, 'Warning') ?? '', new RegExp(`^399 \\S+ "${warning}"$`));
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.equal(cdr.reason, reason);
      assert.equal(cdr.code, code);
      const { text } = await theSwitch().api.explain(sipCallId(result));
      for (const word of mentioned) assert.ok(text.includes(word), `"${word}" in: ${text}`);
    }
  },
);
