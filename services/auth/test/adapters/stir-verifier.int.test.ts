import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLogger } from '@tandem/service';
import { signCall } from '@tandem/stir';
import type { CallFacts } from '@tandem/stir';
import { issueCertificate } from '@tandem/testing';
import { StirVerifier } from '../../src/adapters/stir-verifier.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const X5U = 'https://certificates.example.org/carrier.pem';
const years = {
  validFrom: new Date('2020-01-01T00:00:00Z'),
  validTo: new Date('2040-01-01T00:00:00Z'),
};
const root = issueCertificate({ name: 'Root', ...years });
const numbers = [{ spc: '1234' }];
const carrier = issueCertificate({ name: 'Carrier', issuer: root, numbers, ...years });

const folder = await mkdtemp(join(tmpdir(), 'tandem-stir-'));
after(() => rm(folder, { recursive: true, force: true }));

let nowMs = NOON;

function opened(more: Partial<ConstructorParameters<typeof StirVerifier>[0]> = {}): StirVerifier {
  return new StirVerifier({
    trustFile: join(folder, 'trust.pem'),
    certificatesFolder: folder,
    fetch: undefined,
    clock: { nowMs: () => nowMs },
    logger: silentLogger(),
    ...more,
  });
}

async function call(): Promise<CallFacts> {
  const [caller, callee] = ['441632960123', '442079460000'];
  const claims = { attestation: 'A', origid: 'o-1', caller, callee, atMs: nowMs } as const;
  const identity = [await signCall(claims, { key: carrier.key, x5u: X5U })];
  return { identity, callers: [caller], callees: [callee], date: '', nowMs };
}

test('CALL-12 authorities and certificates are files, which are read again when they change', async () => {
  const verifier = opened();
  // Nothing is there yet.
  assert.equal((await verifier.verify(await call())).kind, 'unavailable');
  await writeFile(join(folder, 'map.json'), JSON.stringify({ [X5U]: 'carrier.pem' }));
  await writeFile(join(folder, 'carrier.pem'), carrier.pem);
  nowMs += 60_000;
  assert.equal((await verifier.verify(await call())).kind, 'untrusted');
  await writeFile(join(folder, 'trust.pem'), root.pem);
  nowMs += 10_000;
  assert.equal((await verifier.verify(await call())).kind, 'passed');
  await writeFile(join(folder, 'trust.pem'), 'spoilt');
  nowMs += 10_000;
  assert.equal((await verifier.verify(await call())).kind, 'untrusted');
});

test('CALL-12 a map that names files elsewhere is not taken', async () => {
  const verifier = opened();
  await writeFile(join(folder, 'map.json'), JSON.stringify({ [X5U]: '../../etc/passwd' }));
  nowMs += 60_000;
  const verdict = await verifier.verify(await call());
  assert.deepEqual(
    [verdict.kind, verdict.cause],
    ['unavailable', `${X5U} is not in map.json, and nothing is fetched`],
  );
});

test('CALL-12 what is not in the map is fetched', async () => {
  await writeFile(join(folder, 'map.json'), '{}');
  await writeFile(join(folder, 'trust.pem'), root.pem);
  const asked: string[] = [];
  const verifier = opened({
    fetch: (url) => {
      asked.push(url);
      return Promise.resolve({ bytes: Buffer.from(carrier.pem), goodForMs: 60_000 });
    },
  });
  for (let each = 0; each < 2; each++) {
    assert.equal((await verifier.verify(await call())).kind, 'passed');
  }
  assert.deepEqual(asked, [X5U]);
});
