import assert from 'node:assert/strict';
import test from 'node:test';
import {
  Headers,
  isValidResponse,
  SipRequest,
  SipResponse,
  validateRequest,
  type RequestFault,
} from '../../src/index.ts';

const good: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP a;branch=z9hG4bK1',
  From: '<sip:a@x>;tag=1',
  To: '<sip:b@y>',
  'Call-ID': 'c1',
  CSeq: '1 OPTIONS',
};

function headers(changes: Readonly<Record<string, string>> = {}, without = ''): Headers {
  const all = Object.entries({ ...good, ...changes });
  return new Headers(all.filter(([name]) => name !== without));
}

function request(changes: Readonly<Record<string, string>> = {}, without = ''): SipRequest {
  return new SipRequest('OPTIONS', 'sip:b@y', headers(changes, without));
}

function codeOf(fault: RequestFault | undefined): number | undefined {
  return fault?.code;
}

test('CALL-02 a request with the mandatory headers is valid, Max-Forwards or not', () => {
  assert.equal(validateRequest(request()), undefined);
  assert.equal(validateRequest(request({ 'Max-Forwards': '70', Contact: '<sip:a@x>' })), undefined);
});

test('CALL-02 a mandatory header that is missing or unreadable is a 400 that says which', () => {
  for (const name of Object.keys(good)) {
    const fault = validateRequest(request({}, name));
    assert.deepEqual([fault?.code, fault?.phrase], [400, 'Bad Request']);
    assert(fault?.warning.includes(name));
    assert.equal(
      codeOf(validateRequest(request({ [name]: '"' }))),
      name === 'Call-ID' ? undefined : 400,
    );
  }
  assert.equal(codeOf(validateRequest(request({ 'Max-Forwards': '-1' }))), 400);
});

test('CALL-02 a second line of a header that has one value is a 400', () => {
  for (const [name, value] of Object.entries({ ...good, Expires: '1', 'Max-Forwards': '9' })) {
    const message = request({ [name]: value });
    message.headers.append(name, value);
    assert.equal(codeOf(validateRequest(message)), name === 'Via' ? undefined : 400, name);
  }
});

test('CALL-02 the CSeq of another method is a 400', () => {
  assert.equal(codeOf(validateRequest(request({ CSeq: '1 INVITE' }))), 400);
});

test('CALL-02 another version is a 505, before anything else is looked at', () => {
  const message = new SipRequest('OPTIONS', 'x:y');
  message.version = 'SIP/3.0';
  assert.equal(codeOf(validateRequest(message)), 505);
  message.version = 'sip/2.0';
  assert.equal(codeOf(validateRequest(message)), 400);
});

test('CALL-02 a Request-URI of a scheme that is not served is a 416', () => {
  const cases: [string, number | undefined][] = [
    ['sip:b@y', undefined],
    ['SIPS:b@y', undefined],
    ['tel:+442079460000', undefined],
    ['http://y', 416],
    ['urn:service:sos', 416],
    ['sip:b@y?a=b', 400],
    ['sip:', 400],
    ['b@y', 400],
  ];
  for (const [uri, code] of cases) {
    const message = request();
    message.uri = uri;
    assert.equal(codeOf(validateRequest(message)), code, uri);
  }
  assert.equal(codeOf(validateRequest(request(), { schemes: ['tel'] })), 416);
});

test('CALL-02 a request to a sips URI has a sips Contact, or is a 400 (RFC 5630 §5.3)', () => {
  const codeFor = (Contact: string) => {
    const lines = headers({ CSeq: '1 INVITE', Contact });
    return codeOf(validateRequest(new SipRequest('INVITE', 'sips:b@y', lines)));
  };
  assert.equal(codeFor('<sips:a@x>'), undefined);
  assert.equal(codeFor('<SIPS:a@x;transport=ws>'), undefined);
  assert.equal(codeFor('<sip:a@x>'), 400);
  const message = request({ Contact: '<sips:a@x>' });
  message.uri = 'sips:b@y';
  const fault = validateRequest(message, { schemes: ['sip', 'tel'] });
  assert.deepEqual(
    [fault?.code, fault?.warning],
    [416, 'sips URIs are not served over a transport that is not secure'],
  );
});

test('CALL-02 Max-Forwards 0 is a 483', () => {
  assert.equal(codeOf(validateRequest(request({ 'Max-Forwards': '0' }))), 483);
});

test('CALL-02 an extension that is required and not supported is a 420 that names it', () => {
  const message = request({ Require: 'timer, 100rel', 'Proxy-Require': 'sec-agree' });
  const fault = validateRequest(message, { supported: ['timer'] });
  assert.deepEqual([fault?.code, fault?.unsupported], [420, ['100rel', 'sec-agree']]);
  const all = { supported: ['timer', '100rel', 'sec-agree'] };
  assert.equal(validateRequest(message, all), undefined);
});

test('CALL-02 an option that is no token is a 400, so that nothing of it gets into our own headers', () => {
  assert.equal(codeOf(validateRequest(request({ Require: 'a"b' }))), 400);
});

test('CALL-02 Require in ACK and CANCEL is ignored', () => {
  for (const method of ['ACK', 'CANCEL']) {
    const lines = headers({ CSeq: `1 ${method}`, Require: '100rel' });
    assert.equal(validateRequest(new SipRequest(method, 'sip:b@y', lines)), undefined);
  }
});

test('CALL-02 a response without a readable mandatory header is not valid', () => {
  assert(isValidResponse(new SipResponse(200, 'OK', headers())));
  for (const name of Object.keys(good)) {
    assert(!isValidResponse(new SipResponse(200, 'OK', headers({}, name))));
  }
  assert(!isValidResponse(new SipResponse(200, 'OK', headers({ CSeq: '9999999999 INVITE' }))));
});

test('CALL-10 a Contact counts where it moves a target or registers one, and has to be a SIP address there', () => {
  const codeFor = (method: string, Contact: string): number | undefined =>
    codeOf(
      validateRequest(new SipRequest(method, 'sip:b@y', headers({ CSeq: `1 ${method}`, Contact }))),
    );
  for (const method of ['OPTIONS', 'INFO', 'MESSAGE', 'PRACK', 'BREW']) {
    assert.equal(codeFor(method, 'nobody'), undefined, method);
  }
  for (const value of ['nobody', '*', '<tel:+44>', '<sip:a b@c>', '<sip:a@b>, <sip:']) {
    for (const method of ['INVITE', 'UPDATE', 'REFER']) {
      assert.equal(codeFor(method, value), 400, `${method} ${value}`);
    }
  }
  assert.equal(codeFor('REGISTER', '*'), undefined);
  assert.equal(codeFor('INVITE', '<sips:a@b>, <sip:c@d>'), undefined);
});
