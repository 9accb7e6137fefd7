import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Signature } from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { readCertificates, verifyCall } from '@tandem/stir';
import { issueCertificate } from '@tandem/testing';
import type { IssuedCertificate } from '@tandem/testing';
import { FolderSigner } from '../../src/adapters/folder-signer.ts';
import type { Signing } from '../../src/core/call/call-steps.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const X5U = 'https://certificates.example.org/main.pem';
const folder = await mkdtemp(join(tmpdir(), 'tandem-stir-'));
after(() => rm(folder, { recursive: true, force: true }));

function issued(validTo = '2040-01-01T00:00:00Z'): IssuedCertificate {
  const validFrom = new Date('2020-01-01T00:00:00Z');
  const numbers = [{ spc: '1234' }];
  return issueCertificate({ name: 'main', numbers, validFrom, validTo: new Date(validTo) });
}

async function place({ pem, keyPem }: Pick<IssuedCertificate, 'pem' | 'keyPem'>): Promise<void> {
  await writeFile(join(folder, 'main.crt'), pem);
  await writeFile(join(folder, 'main.key'), keyPem);
}

const signature: Signature = {
  attestation: 'A',
  because: 'it is a number of account demo',
  certificate: 'main',
  x5u: X5U,
  origid: 'o-1',
  number: '+441632960123',
};

let nowMs = NOON;
const clock = { now: () => nowMs, start: () => ({}), stop: () => undefined };

function open(): FolderSigner {
  return new FolderSigner({ folder, clock, logger: silentLogger() });
}

function signed(signer: FolderSigner, more: Partial<Signature> = {}): Promise<Signing> {
  return signer.sign({ signature: { ...signature, ...more }, callee: '+442079460000', nowMs });
}

function causeOf(signing: Signing): string {
  return signing.kind === 'unsigned' ? signing.cause : '';
}

async function verdictOf(signing: Signing, { pem }: IssuedCertificate): Promise<string> {
  assert.equal(signing.kind, 'signed', causeOf(signing));
  const certificates = readCertificates(Buffer.from(pem));
  const verdict = await verifyCall(
    {
      identity: [signing.identity],
      callers: ['441632960123'],
      callees: ['442079460000'],
      date: '',
      nowMs,
    },
    { authorities: certificates, certificates: () => Promise.resolve(certificates) },
  );
  return verdict.kind;
}

test('CALL-12 calls are signed with the files of a folder, which are read again when they change', async () => {
  const signer = open();
  assert.equal(causeOf(await signed(signer)), 'main.key is not to be had');
  const first = issued();
  await place(first);
  nowMs += 10_000;
  assert.equal(await verdictOf(await signed(signer), first), 'passed');
  const second = issued();
  await place(second);
  nowMs += 10_000;
  assert.equal(await verdictOf(await signed(signer), second), 'passed');
});

test('CALL-12 what others would not take is not signed, and it is said why', async () => {
  const [good, other] = [issued(), issued()];
  await place({ pem: good.pem, keyPem: other.keyPem });
  assert.equal(causeOf(await signed(open())), 'main.key is not the key of main.crt');
  const expired = issued('2026-05-01T00:00:00Z');
  await place(expired);
  assert.match(causeOf(await signed(open())), /main\.crt has expired/);
  await place({ pem: 'none', keyPem: good.keyPem });
  assert.equal(causeOf(await signed(open())), 'main.crt is not to be had');
  await place(good);
  const because = 'the caller has no number';
  assert.equal(causeOf(await signed(open(), { attestation: '', because })), because);
  assert.equal(causeOf(await signed(open(), { number: 'alice' })), 'alice is no number');
});
