import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import {
  bareHost,
  contact,
  contacts,
  cseq,
  from,
  isValidResponse,
  maxForwards,
  parseMessage,
  parseUri,
  responseTo,
  serialize,
  SipParseError,
  SipRequest,
  to,
  topVia,
  unescapeUri,
  validateRequest,
  vias,
  type SipMessage,
} from '../../src/index.ts';
import { readTorture } from '../fixtures/torture/read-torture.ts';
import { tortureCases, type TortureOutcome } from '../fixtures/torture/torture.ts';

function play(name: string): TortureOutcome {
  let message: SipMessage;
  try {
    message = parseMessage(readTorture(name));
  } catch (error) {
    assert(error instanceof SipParseError);
    return { kind: 'unparsed', code: error.code, isAnswerable: error.request !== undefined };
  }
  if (message.kind === 'response') {
    return isValidResponse(message) ? { kind: 'valid' } : { kind: 'dropped' };
  }
  const fault = validateRequest(message);
  return fault === undefined ? { kind: 'valid' } : { kind: 'refused', code: fault.code };
}

function request(name: string): SipRequest {
  const message = parseMessage(readTorture(name));
  assert(message instanceof SipRequest);
  return message;
}

for (const { name, rfc, section, hazard, expected, outcome } of tortureCases) {
  test(`CALL-02 RFC ${String(rfc)} §${section}, ${hazard}: ${expected}`, () => {
    assert.deepEqual(play(name), outcome);
  });
}

test('CALL-02 the corpus has the 49 cases of RFC 4475 and the 12 of RFC 5118, a file for each', () => {
  const files = readdirSync(new URL('../fixtures/torture/', import.meta.url));
  assert.equal(tortureCases.filter(({ rfc }) => rfc === 4475).length, 49);
  assert.equal(tortureCases.filter(({ rfc }) => rfc === 5118).length, 12);
  assert.deepEqual(
    files.filter((file) => file.endsWith('.sip')).sort(),
    tortureCases.map(({ name }) => `${name}.sip`).sort(),
  );
});

test('CALL-02 a request that cannot be parsed is answered 400 to its Via, with its tags and numbers', () => {
  for (const { name, outcome } of tortureCases) {
    if (outcome.kind !== 'unparsed' || !outcome.isAnswerable) {
      continue;
    }
    assert.throws(
      () => parseMessage(readTorture(name)),
      (error) => {
        assert(error instanceof SipParseError && error.request !== undefined);
        const response = responseTo(error.request, 400, 'Bad Request', { toTag: 'ours' });
        assert.equal(topVia(response).host, '192.0.2.15');
        assert.equal(to(response).tag, 'ours');
        assert.equal(cseq(response).number, 8);
        return true;
      },
    );
  }
});

test('CALL-02 RFC 4475 §3.1.1.1 every odd spelling is read as what it means', () => {
  const invite = request('4475-3.1.1.1-tortuous-invite');
  assert.deepEqual([to(invite).uri, to(invite).tag], ['sip:watchman@harbour.example', '77zz01ab']);
  assert.deepEqual([from(invite).displayName, from(invite).tag], ['Keeper \\"', 'lamp42']);
  assert.equal(maxForwards(invite), 68);
  assert.deepEqual(cseq(invite), { number: 17, method: 'INVITE' });
  assert.deepEqual(
    vias(invite).map(({ transport, host, branch }) => [transport, host, branch]),
    [
      ['UDP', '192.0.2.82', '390zkb'],
      ['TCP', 'beacon.lighthouse.example', 'z9hG4bKbb1'],
      ['UDP', '192.168.7.77', 'z9hG4bKbb2'],
    ],
  );
  assert.equal(invite.headers.get('Subject'), '');
  assert.equal(invite.headers.get('oddlynamedheader'), 'a value that goes on over three lines');
  const mine = contact(invite);
  assert.equal(mine?.displayName, 'A "" quoted name');
  assert.deepEqual(
    [mine.params.get('neu'), mine.params.get('zweites'), mine.params.get('Q')],
    ['wert', true, '0.25'],
  );
  assert.equal(invite.body.length, 168);
});

test('CALL-02 RFC 4475 §3.1.1.2 leaves as it came, byte for byte', () => {
  const bytes = readTorture('4475-3.1.1.2-wide-range-of-characters');
  assert.deepEqual(serialize(parseMessage(bytes)), bytes);
});

test('CALL-02 RFC 4475 §3.1.1.3 escapes are resolved once, after the URI was taken apart', () => {
  const uri = parseUri(request('4475-3.1.1.3-percent-escapes').uri);
  assert.equal(uri.host, 'harbour.example');
  assert.equal(unescapeUri(uri.user ?? ''), 'sips:keeper@lighthouse.example');
});

test('CALL-02 RFC 4475 §3.1.1.4 escaped nulls end no text', () => {
  const users = contacts(request('4475-3.1.1.4-escaped-nulls')).map(({ uri }) =>
    unescapeUri(parseUri(uri).user ?? ''),
  );
  assert.deepEqual(users, ['\0', '\0\0']);
});

test('CALL-02 RFC 4475 §3.1.1.5 an escaped header name is another header', () => {
  const message = request('4475-3.1.1.5-percent-that-escapes-nothing');
  assert.deepEqual(
    contacts(message).map(({ uri }) => uri),
    ['sip:a-contact@harbour.example:5091'],
  );
  assert.equal(to(message).displayName, '%Q%4B');
});

test('CALL-02 RFC 4475 §3.1.1.8 what follows the body is not part of the message', () => {
  const register = request('4475-3.1.1.8-octets-after-the-message');
  assert.deepEqual([register.method, register.body.length], ['REGISTER', 0]);
});

test('CALL-02 RFC 4475 §3.1.1.9 the host follows the @, whatever stands before it', () => {
  const uri = parseUri(request('4475-3.1.1.9-semicolons-in-user').uri);
  assert.deepEqual(
    [uri.user, uri.host],
    ['watchman;berth=b%40lighthouse.example', 'harbour.example'],
  );
  assert.equal(uri.params.size, 0);
});

test('CALL-02 RFC 4475 §3.1.1.11 a body is bytes, whatever they are', () => {
  const { body } = request('4475-3.1.1.11-multipart-body');
  assert(body.includes(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))));
});

test('CALL-02 RFC 4475 §3.1.2.16 a 505 goes back to a Via of that version', () => {
  const message = request('4475-3.1.2.16-unknown-version');
  assert.equal(topVia(message).protocol, 'SIP/7.0');
});

test('CALL-02 RFC 4475 §3.3.5 the 420 names every extension that is not supported', () => {
  const message = request('4475-3.3.5-require-and-proxy-require');
  const all = ['nosuchextension', 'norsuchanother', 'noproxyknows'];
  assert.deepEqual(validateRequest(message)?.unsupported, all);
  assert.equal(validateRequest(message, { supported: all }), undefined);
});

test('CALL-02 RFC 4475 §3.3.12 to §3.3.14 parameters and headers belong to the header or to the URI', () => {
  const [header] = contacts(request('4475-3.3.12-register-with-contact-parameter'));
  assert.deepEqual([header?.uri.includes(';'), header?.params.get('unheard-of')], [false, true]);
  const [inUri] = contacts(request('4475-3.3.13-register-with-uri-parameter'));
  assert.equal(parseUri(inUri?.uri ?? '').params.get('unheard-of'), true);
  assert.equal(inUri?.params.size, 0);
  const [withHeader] = contacts(request('4475-3.3.14-register-with-uri-header'));
  assert.equal(
    parseUri(withHeader?.uri ?? '').headers.get('Route'),
    '%3Csip:gate.harbour.example%3E',
  );
});

test('CALL-02 RFC 5118 §4.3 and §4.4 only what follows the bracket is a port', () => {
  const inside = parseUri(request('5118-4.3-port-within-brackets').uri);
  assert.deepEqual([bareHost(inside.host), inside.port], ['2001:db8::10:5070', undefined]);
  const outside = parseUri(request('5118-4.4-port-after-brackets').uri);
  assert.deepEqual([bareHost(outside.host), outside.port], ['2001:db8::10', 5070]);
});

test('CALL-02 RFC 5118 §4.5 received is read with and without brackets', () => {
  for (const name of ['5118-4.5-received-with-brackets', '5118-4.5-received-without-brackets']) {
    const received = topVia(request(name)).params.get('received');
    assert.equal(bareHost(String(received)), '2001:db8::9:255');
  }
});

test('CALL-02 RFC 5118 §4.10 the third colon is gone where a socket needs the address', () => {
  const uri = parseUri(request('5118-4.10-three-colons').uri);
  assert.equal(bareHost(uri.host), '2001:db8::192.0.2.1');
});
