import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

function withPhone(registration: object, parameters: object = {}): string[] {
  const phones = [{ username: '1009', password: 'p', account: 'demo', registration }];
  return mistakesOf(rightDocument({ phones, parameters }));
}

test('REG-01 a phone may have a range of expiries and a number of devices of its own', () => {
  assert.deepEqual(withPhone({ minExpires: 30, maxExpires: 600, maxBindings: 3 }), []);
  assert.deepEqual(withPhone({}), []);
});

test('REG-01 a range with nothing in it is a mistake, be it a phone’s, the parameters’ or of both', () => {
  for (const [registration, parameters] of [
    [{ minExpires: 600, maxExpires: 300 }, {}],
    [{ minExpires: 3600, maxExpires: 600 }, {}],
    [{ maxExpires: 60 }, { SS_ENDPOINT_EXPIRE_MIN: 120 }],
  ] as const) {
    const [mistake = '', ...others] = withPhone(registration, parameters);
    assert.match(mistake, /phones\[0\]\.registration.*the shortest time, \d+ s, is above the longest, \d+ s/); // prettier-ignore
    assert.deepEqual(others, []);
  }
  const parameters = { SS_ENDPOINT_EXPIRE_MIN: 600, SS_ENDPOINT_EXPIRE_MAX: 300 };
  assert.match(withPhone({ minExpires: 60 }, parameters).join(' '), /SS_ENDPOINT_EXPIRE_MIN/);
});

function withGateway(gateway: object, parameters: object = {}): string[] {
  const carrier = { name: 'c', addresses: ['192.0.2.1'], prefixes: ['9'], ...gateway };
  return mistakesOf(rightDocument({ routingGateways: [carrier], parameters }));
}

test('REG-08 a gateway registers by its own credentials, or by those of the registration', () => {
  const own = { username: '4930123', password: 'p' };
  assert.deepEqual(withGateway({ ...own, registration: {} }), []);
  assert.deepEqual(withGateway({ registration: own }), []);
  const all = { registrar: 'sip.example:5070', transport: 'tls', domain: 'example.org' };
  const registration = {
    ...all,
    user: '+4930',
    contactUser: '30',
    expires: 'auto',
    retryDelay: 30,
  };
  assert.deepEqual(withGateway({ registration }), []);
  assert.deepEqual(withGateway({ registration: { ...all, ...own, expires: 7200 } }), []);
});

test('REG-08 what is missing of a registration, or wrong, is said in words', () => {
  const [nobody] = withGateway({ registration: {} });
  assert.match(nobody ?? '', /registration\.user.*neither it nor a username says who registers/);
  const [half] = withGateway({ registration: { username: 'x' } });
  assert.match(half ?? '', /registration\.password.*set together or not at all/);
  const named = { username: 'a b@example', password: 'p' };
  assert.match(withGateway({ registration: named })[0] ?? '', /"a b@example" is no user/);
  const user = { user: '1' };
  const [brief] = withGateway({ registration: { ...user, expires: 19 } });
  assert.match(brief ?? '', /expires.*is 19, must be auto or a whole number from 20 to 7200/);
  const [delay] = withGateway({ registration: { ...user, retryDelay: 601 } });
  assert.match(delay ?? '', /retryDelay.*from 30 to 600/);
  const [place] = withGateway({ registration: { ...user, registrar: '0.0.0.0' } });
  assert.match(place ?? '', /registrar.*what a socket listens on/);
});

test('REG-08 the expiry that is asked for is auto, or within its range', () => {
  const values = (SS_SIP_USER_AGENT_EXPIRE: unknown) =>
    withGateway({}, { SS_SIP_USER_AGENT_EXPIRE });
  for (const right of ['auto', 'AUTO', 20, 7200]) assert.deepEqual(values(right), []);
  for (const wrong of [19, 7201, 'never', true]) {
    assert.match(values(wrong)[0] ?? '', /must be auto, or 20 to 7200 s/);
  }
});
