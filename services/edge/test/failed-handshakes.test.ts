import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { ConnectionFault } from '@tandem/sip';
import { noteFailedHandshake } from '../src/failed-handshakes.ts';

function noted(code: string, message: string, address = '192.0.2.7'): JournalNote | undefined {
  let told: JournalNote | undefined;
  const journal = { note: (note: JournalNote) => (told = note) };
  noteFailedHandshake(journal, Object.assign(new Error(message), { code }), {
    address,
    port: 5061,
  });
  return told;
}

test('OPS-10 who connects and comes to no TLS leaves its address, and why, in words', () => {
  const fault = (code: string, message: string): unknown => noted(code, message)?.facts;
  assert.deepEqual(fault('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tlsv1 alert unknown ca'), {
    fault: 'it does not trust the certificate of the switch',
  });
  assert.deepEqual(fault('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'), {
    fault: 'what it sent is no TLS: plain SIP to the port of TLS, above all',
  });
  assert.deepEqual(
    fault('ERR_SSL_BAD_RECORD_TYPE', 'tls13_validate_record_header:bad record type'),
    {
      fault: 'what it sent is no TLS: plain SIP to the port of TLS, above all',
    },
  );
  assert.deepEqual(fault('ECONNRESET', 'read ECONNRESET'), {
    fault: 'it closed the connection before TLS was agreed on',
  });
  assert.deepEqual(fault('ERR_SSL_OTHER', 'another fault'), {
    fault: 'ERR_SSL_OTHER another fault',
  });
});

test('OPS-10 an IPv4 peer of a socket for both versions is told by its own address', () => {
  assert.equal(noted('ECONNRESET', '', '::ffff:192.0.2.7')?.source, '192.0.2.7:5061');
  assert.equal(noted('ECONNRESET', '', '2001:db8::7')?.source, '[2001:db8::7]:5061');
});

test('OPS-10 what a connection came to in place of SIP has a cause of its own', () => {
  const causes = (['web-socket', 'certificate', 'unused'] as const).map((kind) => {
    let told: JournalNote | undefined;
    const journal = { note: (note: JournalNote) => (told = note) };
    const from = { address: '192.0.2.7', port: 5061 };
    noteFailedHandshake(journal, new ConnectionFault(kind, 'why', 'a.example'), from);
    return [told?.cause, told?.facts];
  });
  assert.deepEqual(causes, [
    ['web-socket-refused', { fault: 'why' }],
    ['certificate-untrusted', { fault: 'why', shown: 'a.example' }],
    ['tls-unused', {}],
  ]);
});
