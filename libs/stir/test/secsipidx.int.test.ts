import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { issueCertificate } from '@tandem/testing';
import { readCertificates, signCall, verifyCall } from '../src/index.ts';

const run = promisify(execFile);
const X5U = 'https://certificates.example.org/carrier.pem';
const [caller, callee] = ['441632960123', '442079460000'];
const folder = await mkdtemp(join(tmpdir(), 'tandem-secsipidx-'));
after(() => rm(folder, { recursive: true, force: true }));

// The tool goes by the clock of the machine, which `make test-days` cannot shift for it.
const skip = process.env['FAKETIME'] !== undefined;
const validFrom = new Date(Date.now() - 86_400_000);
const validTo = new Date(Date.now() + 86_400_000);
const root = issueCertificate({ name: 'Root', validFrom, validTo });
const numbers = [{ spc: '1234' }];
const carrier = issueCertificate({ name: 'Carrier', issuer: root, numbers, validFrom, validTo });
const keyFile = join(folder, 'carrier.key');
await writeFile(keyFile, carrier.keyPem);
await writeFile(join(folder, 'carrier.crt'), carrier.pem);
await writeFile(join(folder, 'root.crt'), root.pem);

/** What secsipidx, the tool of another implementation, says to a signature: rejects where it is not good. */
async function checked(identity: string): Promise<void> {
  const file = join(folder, 'identity');
  await writeFile(file, identity);
  await run('secsipidx', [
    ...['-check', '-fidentity', file, '-fpubkey', join(folder, 'carrier.crt'), '-expire', '60'],
    ...['-ca-file', join(folder, 'root.crt'), '-cert-verify', '5'],
  ]);
}

test('CALL-12 another implementation takes what is signed here', { skip }, async () => {
  const claims = { attestation: 'A', origid: 'o-1', caller, callee, atMs: Date.now() } as const;
  const identity = await signCall(claims, { key: carrier.key, x5u: X5U });
  await checked(identity);
  const spoilt = identity.replace('.', '.A');
  await assert.rejects(checked(spoilt));
  const old = await signCall(
    { ...claims, atMs: Date.now() - 120_000 },
    { key: carrier.key, x5u: X5U },
  );
  await assert.rejects(checked(old));
});

test('CALL-12 what another implementation signs is verified here', { skip }, async () => {
  const { stdout } = await run('secsipidx', [
    ...['-sign-full', '-orig-tn', caller, '-dest-tn', callee, '-attest', 'B', '-x5u', X5U],
    ...['-k', keyFile],
  ]);
  const verdict = await verifyCall(
    {
      identity: [stdout.trim()],
      callers: [`+${caller}`],
      callees: [callee],
      date: '',
      nowMs: Date.now(),
    },
    {
      authorities: readCertificates(Buffer.from(root.pem)),
      certificates: () => Promise.resolve(readCertificates(Buffer.from(carrier.pem))),
    },
  );
  assert.deepEqual([verdict.kind, verdict.attestation, verdict.cause], ['passed', 'B', '']);
});
