import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  Headers,
  SipParseError,
  SipRequest,
  SipResponse,
  isValidResponse,
  mendRequest,
  mendResponse,
  parseMessage,
  to,
  topVia,
  validateRequest,
} from '../../src/index.ts';

const good: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP a;branch=z9hG4bK1',
  From: '<sip:a@x>;tag=1',
  To: '"B" <sip:b@y>;tag=2',
  'Call-ID': 'c1',
  CSeq: '1 INVITE',
  Contact: '<sip:b@z>',
  'Record-Route': '<sip:p1;lr>, <sip:p2;lr>',
};

function response(
  changes: Readonly<Record<string, string>> = {},
  body = '',
  status = 183,
): SipResponse {
  const headers = new Headers(
    Object.entries({ ...good, ...changes }).filter(([, value]) => value !== ''),
  );
  return new SipResponse(status, 'Session Progress', headers, Buffer.from(body));
}

test('DENY-16 a response that is whole stays as it is', () => {
  const whole = response({
    Require: '100rel, timer',
    RSeq: '1',
    Reason: 'Q.850;cause=16;text="a;b"',
  });
  const before = whole.headers.toText();
  assert.ok(mendResponse(whole));
  assert.equal(whole.headers.toText(), before);
  assert.deepEqual(whole.faults, []);
});

test('DENY-16 whatever stands in a header, a response with Via and CSeq can be read once it is mended', () => {
  const names = [
    'From',
    'To',
    'Call-ID',
    'Contact',
    'Record-Route',
    'Max-Forwards',
    'Session-Expires',
  ].concat(['RSeq', 'Require', 'Content-Type', 'Reason', 'Allow', 'Supported']);
  const nonsense = fc.oneof(
    fc.constantFrom('*', '"', '<', '<sip:', ';tag=3', '<tel:1>', 'sip:', ',', '<sip:a b@c>', '0x1'),
    fc.stringMatching(/^[ -~]{0,40}$/),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), nonsense), (changes) => {
      const broken = response(changes);
      assert.ok(mendResponse(broken));
      assert.ok(isValidResponse(broken), broken.headers.toText());
      const again = new SipResponse(183, '', broken.headers.clone());
      assert.ok(mendResponse(again));
      assert.deepEqual(again.faults, [], 'once is enough');
    }),
  );
});

test('DENY-16 what is wrong is said, and no more than that is taken away', () => {
  const broken = response({
    To: '"B <sip:b@y>;tag=2',
    Contact: '<sip:b@z>, *',
    'Record-Route': '<sip:p1;lr>, nowhere',
    RSeq: 'one',
    Require: '100rel, timer',
  });
  assert.ok(mendResponse(broken));
  assert.deepEqual([to(broken).uri, to(broken).tag], ['sip:b@y', '2']);
  assert.deepEqual(broken.headers.list('Contact'), ['<sip:b@z>']);
  assert.deepEqual(broken.headers.list('Record-Route'), ['<sip:p1;lr>']);
  assert.deepEqual(broken.headers.getAll('Require'), ['timer']);
  assert.equal(broken.faults.length, 4, broken.faults.join());
});

test('DENY-16 a CSeq that cannot be read is that of an INVITE, where nothing else is answered so', () => {
  for (const [said, read] of [
    ['', '0 INVITE'],
    ['x', '0 INVITE'],
    ['7', '7 INVITE'],
    ['7 invite', '7 INVITE'],
    ['seven bye', '0 BYE'],
    ['99999999999 Bye', '999999999 BYE'],
    ['7 foo', '7 foo'],
  ] as const) {
    const odd = response({ CSeq: said });
    assert.ok(mendResponse(odd), said);
    assert.equal(odd.headers.get('CSeq'), read);
  }
});

test('DENY-16 without a branch nothing says whose a response is, nor without a CSeq where that may be of a CANCEL', () => {
  for (const changes of [
    { Via: '' },
    { Via: 'SIP/2.0/UDP a' },
    { Via: 'x;y' },
    { CSeq: '', Contact: '' },
    { CSeq: 'x', Contact: '' },
  ]) {
    assert.ok(!mendResponse(response(changes, '', 200)), JSON.stringify(changes));
  }
  for (const [said, transport] of [
    ['TCP', 'TCP'],
    ['wss', 'WSS'],
    ['SCTP', 'UDP'],
  ] as const) {
    const odd = response({ Via: `SIP/2.0/${said} a b;branch=z9hG4bK1;received=, SIP/2.0/UDP c` });
    assert.ok(mendResponse(odd));
    assert.deepEqual([topVia(odd).branch, topVia(odd).transport], ['z9hG4bK1', transport]);
  }
});

test('CALL-10 a branch that cannot be read itself says nothing, and nothing is thrown over it', () => {
  for (const branch of ['"z9hG4bK1', 'z9hG4bK"1', 'z9hG4bK1"x;y']) {
    assert.equal(mendResponse(response({ Via: `SIP/2.0/UDP a;branch=${branch}` })), false, branch);
  }
});

test('DENY-16 of a response that cannot be parsed what can be read is kept, and its body', () => {
  const text = (lines: readonly string[], body: string): Buffer =>
    Buffer.from(['SIP/2.0 200 OK', ...lines, '', body].join('\r\n'));
  const lines = Object.entries(good).map(([name, value]) => `${name}: ${value}`);
  for (const broken of [
    'Content-Length: 99',
    'l: x',
    'no colon',
    'a b: c',
    'X: a\rb',
    `Y: ${'y'.repeat(9000)}`,
  ]) {
    const thrown = parsed(text([...lines, broken], 'v=0'));
    assert.equal(thrown.request, undefined);
    assert.ok(thrown.response !== undefined, broken);
    assert.deepEqual(thrown.response.faults, [thrown.message]);
    assert.equal(thrown.response.headers.size, lines.length, broken);
    assert.equal(thrown.response.body.toString(), 'v=0');
  }
  assert.equal(parsed(text(['CSeq: 1 INVITE', 'l: x'], '')).response, undefined);
  assert.equal(parsed(Buffer.from('SIP/2.0 4294967301 OK\r\n\r\n')).response, undefined);
});

test('DENY-16 a response with a status or a version that there is not is one of a bad gateway', () => {
  const rest = Object.entries(good).map(([name, value]) => `${name}: ${value}`);
  for (const line of ['SIP/2.0 700 Later', 'SIP/2.0 099 x', 'SIP/2.0 2000', 'SIP/3.0 200 OK']) {
    const read = parsed(Buffer.from([line, ...rest, '', ''].join('\r\n'))).response;
    assert.equal(read?.status, 502, line);
    assert.equal(read.faults.length, 1);
  }
  const small = parseMessage(Buffer.from(['sip/2.0 200 OK', ...rest, '', ''].join('\r\n')));
  assert.ok(small.kind === 'response' && small.status === 200);
});

test('CALL-10 ACK, BYE and CANCEL lose what they do not need, others nothing', () => {
  for (const [method, isMended] of [
    ['BYE', true],
    ['ACK', true],
    ['CANCEL', true],
    ['INVITE', false],
  ] as const) {
    const headers = new Headers(
      Object.entries({
        ...good,
        Contact: '*',
        'Max-Forwards': 'x',
        Require: '"',
        To: '<sip:b;tag=2',
      }),
    );
    const request = new SipRequest(method, 'sip:b@y', headers);
    mendRequest(request);
    assert.equal(headers.has('Contact'), !isMended);
    assert.equal(headers.has('Max-Forwards'), !isMended);
    assert.equal(headers.has('Require'), !isMended);
    if (isMended) assert.equal(to(request).tag, '2');
  }
});

function parsed(bytes: Buffer): SipParseError {
  try {
    parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipParseError) return error;
  }
  return assert.fail('it could be parsed');
}

test('CALL-10 T2-17 a header that a request does not use does not stop it', () => {
  const repeated = (method: string, name: string, value: string, content = ''): number => {
    const request = new SipRequest(
      method,
      'sip:b@y',
      new Headers([
        ['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1'],
        ['From', '<sip:a@x>;tag=1'],
        ['To', '<sip:b@y>;tag=2'],
        ['Call-ID', 'c'],
        ['CSeq', `1 ${method}`],
        [name, value],
        [name, value],
      ]),
      Buffer.from(content),
    );
    mendRequest(request);
    return validateRequest(request)?.code ?? 200;
  };
  assert.equal(repeated('INFO', 'Expires', '60'), 200);
  assert.equal(repeated('OPTIONS', 'Expires', 'soon'), 200);
  assert.equal(repeated('INVITE', 'Expires', '60'), 400);
  assert.equal(repeated('UPDATE', 'Content-Type', 'text/plain'), 200);
  assert.equal(repeated('UPDATE', 'Content-Type', 'text/plain', 'body'), 400);
  assert.equal(repeated('PRACK', 'Contact', '*'), 200);
});
