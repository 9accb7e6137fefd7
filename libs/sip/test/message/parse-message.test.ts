import assert from 'node:assert/strict';
import test from 'node:test';
import {
  defaultParseLimits,
  from,
  parseMessage,
  SipParseError,
  SipRequest,
  SipResponse,
  type ParseLimits,
  type SipMessage,
} from '../../src/index.ts';

const mandatory = [
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:a@x>;tag=1',
  'To: <sip:b@y>',
  'Call-ID: c1',
  'CSeq: 1 OPTIONS',
];

function text(lines: readonly string[], body = ''): string {
  return [...lines, '', body].join('\r\n');
}

function parse(message: string, limits?: Partial<ParseLimits>): SipMessage {
  return parseMessage(Buffer.from(message, 'latin1'), limits);
}

function options(...more: string[]): string {
  return text(['OPTIONS sip:b@y SIP/2.0', ...mandatory, ...more]);
}

function refusal(message: string, limits?: Partial<ParseLimits>): SipParseError {
  try {
    parse(message, limits);
  } catch (error) {
    assert(error instanceof SipParseError);
    return error;
  }
  return assert.fail('it was parsed');
}

test('CALL-02 a request is its start line, headers and body', () => {
  const message = parse(
    text(['MESSAGE sip:b@y;lr SIP/2.0', ...mandatory, 'Content-Length: 3'], 'a\xff\0rest'),
  );
  assert(message instanceof SipRequest);
  assert.deepEqual(
    [message.method, message.uri, message.version, message.kind],
    ['MESSAGE', 'sip:b@y;lr', 'SIP/2.0', 'request'],
  );
  assert.equal(message.headers.size, 6);
  assert.deepEqual(message.body, Buffer.from([0x61, 0xff, 0]));
});

test('CALL-02 a response is its status, reason, headers and body', () => {
  const message = parse(text(['SIP/2.0 486 Busy  Here', ...mandatory], 'why'));
  assert(message instanceof SipResponse);
  assert.deepEqual([message.status, message.reason, message.kind], [486, 'Busy  Here', 'response']);
  assert.equal(message.body.toString(), 'why');
  const bare = parse(text(['SIP/2.0 200', ...mandatory]));
  assert(bare instanceof SipResponse);
  assert.deepEqual([bare.status, bare.reason], [200, '']);
});

test('CALL-02 without Content-Length the body is the rest of the datagram', () => {
  assert.equal(parse(options() + 'all of it').body.toString(), 'all of it');
});

test('CALL-02 line breaks before the start line are skipped, bare line feeds are line ends', () => {
  assert.equal(parse('\r\n\n\r\n' + options()).headers.size, 5);
  const unix = parse(options('Subject: a', ' b').replaceAll('\r', '') + 'x\ry');
  assert.equal(unix.headers.get('subject'), 'a b');
  assert.equal(unix.body.toString(), 'x\ry');
});

test('CALL-02 a datagram of line breaks only is SIP_EMPTY, as is an empty one', () => {
  assert.equal(refusal('\r\n\r\n').code, 'SIP_EMPTY');
  assert.equal(refusal('').code, 'SIP_EMPTY');
});

test('CALL-02 a folded value becomes one line, whatever it was folded with', () => {
  const message = parse(options('Subject:  ', ' one', '\t two  ', '   ', ' thr\xc3\xa0', 'X: y'));
  assert.equal(message.headers.get('subject'), 'one two thr\xc3\xa0');
  assert.equal(message.headers.get('x'), 'y');
});

test('CALL-02 a value keeps bytes that look like blanks elsewhere', () => {
  assert.equal(parse(options('Subject: \xa0a\xa0')).headers.get('subject'), '\xa0a\xa0');
});

test('CALL-02 start lines that are none are refused, with what a 400 needs', () => {
  for (const line of [
    'OPTIONS  sip:b@y SIP/2.0',
    'OPTIONS sip:b@y  SIP/2.0',
    'OPTIONS sip:b@y SIP/2.0 ',
    'OPTIONS sip:b@y SIP/2',
    'OPTIONS sip:b@y SIP/a.0',
    'OPTIONS sip:b@y SIP/2.x',
    'OPTIONS sip:b y SIP/2.0',
  ]) {
    const { code, request } = refusal(text([line, ...mandatory]));
    assert.deepEqual([code, request?.method], ['SIP_BAD_START_LINE', 'OPTIONS'], line);
  }
  for (const line of [
    'OPTIONS',
    'OPTIONS sip:b@y',
    'GET / HTTP/1.1',
    'OPT@ sip:b@y SIP/2.0',
    'x',
  ]) {
    const { code, request } = refusal(text([line, ...mandatory]));
    assert.deepEqual([code, request], ['SIP_BAD_START_LINE', undefined], line);
  }
});

test('CALL-02 another version parses as a request, so that it can be answered 505', () => {
  for (const version of ['SIP/7.0', 'sip/2.0', 'SIP/2.01']) {
    const message = parse(text([`OPTIONS sip:b@y ${version}`, ...mandatory]));
    assert(message instanceof SipRequest);
    assert.equal(message.version, version);
  }
  assert.equal(refusal(text(['SIP/7.0 200 OK', ...mandatory])).code, 'SIP_BAD_START_LINE');
});

test('CALL-02 a status outside 100 to 699 is refused and has no request', () => {
  for (const status of ['99', '700', '2000', '20', '-10', '2 0', '', '4294967301']) {
    const { code, request } = refusal(text([`SIP/2.0 ${status} OK`, ...mandatory]));
    assert.deepEqual([code, request], ['SIP_BAD_STATUS', undefined], status);
  }
});

test('CALL-02 a header line without a proper name is refused', () => {
  for (const line of [': value', 'no colon', 'two words: value', 'ump\xe4: value']) {
    const error = refusal(text(['OPTIONS sip:b@y SIP/2.0', 'A: b', line, ...mandatory]));
    assert.equal(error.code, 'SIP_BAD_HEADER', line);
    assert.equal(error.request?.headers.size, 5, line);
  }
  assert.equal(refusal(text(['OPTIONS sip:b@y SIP/2.0', ' A: b'])).code, 'SIP_BAD_HEADER');
});

test('CALL-02 a lone carriage return is refused: others end the line there', () => {
  const error = refusal(options('Subject: a\rRoute: <sip:evil>'));
  assert.equal(error.code, 'SIP_BAD_LINE_END');
  assert.equal(error.offset, options().length - 2 + 'Subject: a'.length);
  assert.equal(error.request?.headers.size, 5);
});

test('CALL-02 a message that ends within its headers is refused', () => {
  assert.equal(refusal('OPTIONS sip:b@y SIP/2.0').code, 'SIP_INCOMPLETE_HEAD');
  assert.equal(refusal('OPTIONS sip:b@y SIP/2.0\r\nVia: x\r\n').code, 'SIP_INCOMPLETE_HEAD');
  assert.equal(refusal(options().slice(0, -2)).request?.headers.size, 5);
});

test('CALL-02 a Content-Length that is none, contradicts itself or is too much is refused', () => {
  for (const lines of [['l: -1'], ['l: 1e1'], ['l:'], ['l: 0x1'], ['l: 1, 1'], ['l: 1', 'l: 2']]) {
    assert.equal(refusal(options(...lines) + 'xyz').code, 'SIP_BAD_CONTENT_LENGTH', lines.join());
  }
  for (const length of ['4', '99999999999999999999999']) {
    assert.equal(refusal(options(`l: ${length}`) + 'xyz').code, 'SIP_TRUNCATED_BODY');
  }
  assert.equal(parse(options('l: 2', 'Content-Length: 2') + 'xyz').body.toString(), 'xy');
});

test('CALL-02 each limit refuses what is beyond it, and the request can be answered', () => {
  const long = `Subject: ${'s'.repeat(9_991)}`;
  const cases: [string, string, Partial<ParseLimits>][] = [
    ['SIP_TOO_LARGE', options() + 'x'.repeat(100), { maxMessageBytes: options().length }],
    ['SIP_HEADER_TOO_LONG', options(long), {}],
    ['SIP_TOO_MANY_HEADERS', options('A: 1', 'B: 2'), { maxHeaders: 6 }],
    ['SIP_TOO_MANY_VIAS', options('Via: a', 'v: b'), { maxVias: 2 }],
  ];
  for (const [code, message, limits] of cases) {
    const error = refusal(message, limits);
    assert.equal(error.code, code);
    assert(error.request !== undefined);
    assert.equal(from(error.request).tag, '1');
  }
  const wide = { maxHeaderBytes: 10_000, maxVias: 3 };
  assert.equal(parse(options(long, 'Via: a', 'Via: b'), wide).headers.size, 8);
  const uri = `OPTIONS sip:${'u'.repeat(9_000)}@y SIP/2.0`;
  assert.equal(refusal(text([uri, ...mandatory])).code, 'SIP_HEADER_TOO_LONG');
});

test('CALL-02 a request without what a 400 needs cannot be answered', () => {
  for (const [at] of mandatory.entries()) {
    const lines = mandatory.filter((_, each) => each !== at);
    assert.equal(refusal(text(['OPTIONS sip:b@y SIP/2.0', ...lines, 'l: -1'])).request, undefined);
  }
  const inAHugeVia = [`Via: ${'v'.repeat(10_000)}`, ...mandatory.slice(1), 'l: -1'];
  assert.equal(refusal(text(['OPTIONS sip:b@y SIP/2.0', ...inAHugeVia])).request, undefined);
});

test('CALL-02 what a 400 needs is read over folded lines and the first of each', () => {
  const { request } = refusal(
    text([
      'OPTIONS sip:b@y SIP/2.0',
      'l: -1',
      'no header',
      ...mandatory,
      ' x',
      'CSeq: 2 A',
      'Via: w',
    ]),
  );
  assert.equal(request?.headers.get('cseq'), '1 OPTIONS x');
  assert.deepEqual(request.headers.getAll('via').length, 2);
});

test('CALL-02 datagrams of 64 KiB made to be slow take no time to speak of', () => {
  const size = defaultParseLimits.maxMessageBytes;
  const fill = (unit: string): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
  const start = 'OPTIONS sip:b@y SIP/2.0\r\n';
  const hostile = [
    fill('\r\n'),
    fill('\n '),
    fill('x'),
    start + fill('Via: SIP/2.0/UDP h\r\n'),
    start + fill('A:\n \n'),
    start + 'A: b' + fill('\n '),
    start + fill('a'),
    start + fill('A: \r'),
    start + fill(':'),
    start + 'Via: ' + fill('"\\'),
  ].map((message) => message.slice(0, size));
  for (const message of hostile) {
    const before = process.cpuUsage();
    assert(refusal(message) instanceof SipParseError);
    const { user } = process.cpuUsage(before);
    assert(user < 100_000, JSON.stringify(message.slice(0, 60)));
  }
});
