import assert from 'node:assert/strict';
import test from 'node:test';
import { BlockedSources } from '../../../src/core/network/blocked-sources.ts';

const address = '203.0.113.7';

function message(start: string, to = '<sip:100@192.0.2.1>'): Buffer {
  const lines = [`${start} SIP/2.0`, 'From: <sip:1@x>;tag=a', `To: ${to}`, 'Call-ID: c', '', ''];
  return Buffer.from(lines.join('\r\n'));
}

const invite = message('INVITE sip:100@192.0.2.1');

test('AUTH-08 nothing that begins something is taken from a source that is black-listed', () => {
  const blocked = new BlockedSources();
  assert.equal(blocked.drops(invite, address, 0), false);
  blocked.heard(address, 1500, 0);
  for (const method of ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE', 'NOSUCH']) {
    assert.equal(blocked.drops(message(`${method} sip:x`), address, 100), true, method);
  }
  assert.equal(blocked.drops(invite, '203.0.113.8', 100), false);
});

test('AUTH-08 what belongs to a call that stands passes from a source that is black-listed', () => {
  const blocked = new BlockedSources();
  blocked.heard(address, 1500, 0);
  for (const method of ['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO']) {
    assert.equal(blocked.drops(message(`${method} sip:x`), address, 100), false, method);
  }
  const inDialog = message('INVITE sip:x', '<sip:100@192.0.2.1>;tag=b');
  assert.equal(blocked.drops(inDialog, address, 100), false);
  const response = Buffer.from('SIP/2.0 200 OK\r\nTo: <sip:1@x>\r\n\r\n');
  assert.equal(blocked.drops(response, address, 100), false);
});

test('AUTH-08 one message passes when what auth said is over, so that it is asked again, and the others wait for it', () => {
  const blocked = new BlockedSources();
  blocked.heard(address, 1500, 0);
  assert.equal(blocked.drops(invite, address, 1499), true);
  assert.equal(blocked.drops(invite, address, 1500), false);
  assert.equal(blocked.drops(invite, address, 1500), true);
  blocked.heard(address, 1500, 1510);
  assert.equal(blocked.drops(invite, address, 2900), true);
  // Auth does not answer: it is asked now and then, and what it said is good for a moment only.
  assert.equal(blocked.drops(invite, address, 3100), false);
  assert.equal(blocked.drops(invite, address, 3150), true);
  assert.equal(blocked.drops(invite, address, 3300), false);
  assert.equal(blocked.drops(invite, address, 5100), false);
  assert.equal(blocked.drops(invite, address, 5101), false);
});

test('AUTH-08 a source that was lifted is heard again as soon as auth says so', () => {
  const blocked = new BlockedSources();
  blocked.heard(address, 1500, 0);
  assert.equal(blocked.drops(invite, address, 1600), false);
  blocked.heard(address, 0, 1610);
  assert.equal(blocked.drops(invite, address, 1620), false);
});

test('AUTH-08 a million sources take no more memory than those that are remembered', () => {
  const blocked = new BlockedSources();
  for (let at = 0; at < 1_000_000; at += 1) {
    blocked.heard(
      `10.${String(at >>> 16)}.${String((at >>> 8) & 255)}.${String(at & 255)}`,
      1500,
      0,
    );
  }
  let remembered = 0;
  for (let at = 0; at < 1_000_000; at += 1) {
    const source = `10.${String(at >>> 16)}.${String((at >>> 8) & 255)}.${String(at & 255)}`;
    if (blocked.drops(invite, source, 1)) remembered += 1;
  }
  assert.ok(remembered >= 65_536 && remembered <= 131_072, String(remembered));
});
