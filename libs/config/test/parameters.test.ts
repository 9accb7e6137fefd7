import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../src/mistake.ts';
import { parameters, type Parameter } from '../src/parameters.ts';
import { checkParameters, describeRange, readParameters } from '../src/read-parameters.ts';

const all = Object.entries<Parameter>(parameters);

test('OPS-05 the defaults are those of the operators', () => {
  const values = readParameters();
  assert.equal(values.SS_AUTHCHALLENGEMODE, 3);
  assert.equal(values.SS_SIP_AUTHENTICATION_CODE, undefined);
  assert.equal(values.SS_SIP_AUTHENTICATION_RETRY, 6);
  assert.equal(values.SS_SIP_AUTHENTICATION_TIMEOUT, 10);
  assert.equal(values.SS_AUTHENTICATION_MAX_RETRY, 6);
  assert.equal(values.SS_AUTHENTICATION_FAILED_SUSPEND, 180);
  assert.equal(values.SS_SIP_TIMEOUT_INVITE, 10);
  assert.equal(values.SS_SIP_TIMEOUT_RINGING, 120);
  assert.equal(values.SS_SIP_TIMEOUT_SESSION_PROGRESS, 20);
  assert.equal(values.SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP, 120);
  assert.equal(values.SS_SIP_STOP_SWITCH_AFTER_SDP, true);
  assert.equal(values.SS_GATEWAY_SWITCH_LIMIT, 0);
  assert.equal(values.SS_SIP_SESSION_TTL, 600);
  assert.equal(values.SS_SIP_SESSION_UPDATE_SEGMENT, 2);
  assert.equal(values.SS_SIP_RELAY_REFER, false);
});

test('OPS-05 every default is in its own range', () => {
  for (const [name, parameter] of all) {
    if (parameter.default === undefined) continue;
    assert.deepEqual(checkParameters({ [name]: parameter.default }), [], name);
  }
});

test('OPS-05 a value out of range is refused with the range', () => {
  assert.deepEqual(checkParameters({ SS_AUTHENTICATION_FAILED_SUSPEND: 59 }), [
    {
      path: 'parameters.SS_AUTHENTICATION_FAILED_SUSPEND',
      message: 'is 59, must be 60 to 3600 s',
    },
  ]);
  for (const value of [3601, 60.5, '60', true, null]) {
    assert.equal(checkParameters({ SS_AUTHENTICATION_FAILED_SUSPEND: value }).length, 1);
  }
  assert.match(
    checkParameters({ SS_SIP_AUTHENTICATION_CODE: 403 })[0]?.message ?? '',
    /must be 401 or 407/,
  );
  assert.match(
    checkParameters({ SS_SIP_STOP_SWITCH_AFTER_SDP: 'maybe' })[0]?.message ?? '',
    /must be On or Off/,
  );
});

test('OPS-05 all mistakes are thrown at once', () => {
  assert.throws(
    () => readParameters({ SS_AUTHCHALLENGEMODE: 4, SS_GATEWAY_SWITCH_LIMT: 1 }),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.mistakes.length, 2);
      assert.match(error.message, /did you mean "SS_GATEWAY_SWITCH_LIMIT"/);
      return true;
    },
  );
});

test('OPS-05 switches are read as true, false, On and Off', () => {
  for (const written of [true, 'On', 'on', 'ON']) {
    assert.equal(
      readParameters({ SS_SIP_STOP_SWITCH_AFTER_SDP: written }).SS_SIP_STOP_SWITCH_AFTER_SDP,
      true,
    );
  }
  for (const written of [false, 'Off']) {
    assert.equal(
      readParameters({ SS_SIP_STOP_SWITCH_AFTER_SDP: written }).SS_SIP_STOP_SWITCH_AFTER_SDP,
      false,
    );
  }
});

test('AUTH-02 SS_SIP_AUTHENTICATION_CODE is another name for mode 1 or 2', () => {
  assert.equal(readParameters({ SS_SIP_AUTHENTICATION_CODE: 401 }).SS_AUTHCHALLENGEMODE, 1);
  assert.equal(readParameters({ SS_SIP_AUTHENTICATION_CODE: 407 }).SS_AUTHCHALLENGEMODE, 2);
  assert.equal(
    readParameters({ SS_SIP_AUTHENTICATION_CODE: 407, SS_AUTHCHALLENGEMODE: 2 })
      .SS_AUTHCHALLENGEMODE,
    2,
  );
});

test('AUTH-02 the two set in conflict is refused', () => {
  for (const mode of [2, 3]) {
    const [mistake] = checkParameters({
      SS_SIP_AUTHENTICATION_CODE: 401,
      SS_AUTHCHALLENGEMODE: mode,
    });
    assert.equal(mistake?.path, 'parameters.SS_SIP_AUTHENTICATION_CODE');
    assert.match(mistake.message, /contradicts SS_AUTHCHALLENGEMODE/);
  }
});

test('OPS-05 ranges are told with their unit', () => {
  assert.equal(describeRange(parameters.SS_SIP_RESEND_INTERVAL), '100 to 4000 ms');
  assert.equal(describeRange(parameters.SS_SIP_AUTHENTICATION_CODE), '401 or 407');
  assert.equal(describeRange(parameters.SS_AUTHENTICATION_MAX_RETRY), '0 to 999');
  assert.equal(describeRange(parameters.SS_REPLY_UNAUTHORIZED), 'On or Off');
  assert.equal(describeRange(parameters.SERVER_BILLING_ROUND), 'up, half or down');
});

test('BILL-11 SERVER_BILLING_ROUND is one of its words, in whatever case, and half by default', () => {
  assert.equal(readParameters().SERVER_BILLING_ROUND, 'half');
  assert.equal(readParameters({ SERVER_BILLING_ROUND: 'Up' }).SERVER_BILLING_ROUND, 'up');
  for (const written of ['nearest', '', 1, true]) {
    const [mistake] = checkParameters({ SERVER_BILLING_ROUND: written });
    assert.match(mistake?.message ?? '', /must be up, half or down$/);
  }
});

test('AUTH-06 AUTH-07 a profile sets retries, time-out and suspension, but what is set by itself', () => {
  const of = (SS_AUTHENTICATION_PROFILE: string, more: Record<string, number> = {}) => {
    const values = readParameters({ SS_AUTHENTICATION_PROFILE, ...more });
    return [
      values.SS_SIP_AUTHENTICATION_RETRY,
      values.SS_SIP_AUTHENTICATION_TIMEOUT,
      values.SS_AUTHENTICATION_FAILED_SUSPEND,
    ];
  };
  assert.deepEqual(of('none'), [6, 10, 180]);
  assert.deepEqual(of('internet'), [3, 5, 600]);
  assert.deepEqual(of('LAN'), [6, 10, 120]);
  assert.deepEqual(of('satellite'), [8, 20, 300]);
  assert.deepEqual(of('satellite', { SS_SIP_AUTHENTICATION_TIMEOUT: 7 }), [8, 7, 300]);
  assert.throws(() => of('moon'), /must be none, internet, lan or satellite/);
});
