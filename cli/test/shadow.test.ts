import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run, type Ran, type Received } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-shadow-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const configuration = {
  phones: [],
  mappingGateways: [{ name: 'trunk', authentication: { mode: 'ip', addresses: ['192.0.2.1'] } }],
  routingGateways: [{ name: 'a', addresses: ['192.0.2.10:5060'] }],
};

/** Routes 44 to a, refuses all else. */
function answer({ path }: Received): object {
  if (path.startsWith('/configuration')) return configuration;
  const { searchParams } = new URL(path, 'http://x');
  if (searchParams.get('from') !== 'trunk') {
    return { status: 404, problem: { detail: 'nobody is called so' } };
  }
  if (searchParams.get('callee')?.startsWith('44') !== true) {
    return { outcome: 'refused', reason: 'NoAvailableRouter', summary: 'No gateway.', candidates: [], charge: null }; // prettier-ignore
  }
  const candidates = [{ gateway: 'a', addresses: ['192.0.2.10:5060'], isChosen: true }];
  const charge = searchParams.get('seconds') === null ? null : { price: '0.02', currency: 'USD' };
  return { outcome: 'routed', reason: '', summary: 'It goes to a.', candidates, charge };
}

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const mapping = fileOf(
  'mapping.yaml',
  'cdrs: { columns: { id: ID, from: In, callee: To, gateway: Out, seconds: Talk, price: Sum } }',
);

async function compare(text: string, ...options: string[]): Promise<Ran> {
  return run(['shadow', fileOf('cdrs.csv', text), '-m', mapping, ...options], { answer });
}

const CDRS = 'ID,In,To,Out,Talk,Sum\n1,trunk,44,a,61,0.02\n2,trunk,44,b,61,0.03\n3,trunk,33,a,,\n4,trunk,44,,,\n5,trunk,33,,,\n6,other,44,a,,\n'; // prettier-ignore

test('OPS-08 ROUTE-12 CDRs are held against routing: gateways, refusals and money, in their order', async () => {
  const ran = await compare(CDRS);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(
    ran.stdout.split('\n').slice(1, 6).join('\n'),
    [
      '2: other gateway: trunk to 44: there b, here a; 0.03 there, 0.02 USD here (b would not be tried here)',
      '3: would refuse: trunk to 33: there a (NoAvailableRouter: No gateway)',
      '4: would allow: trunk to 44: there refused, here a (It goes to a)',
      '6: not compared: other to 44: there a (nobody is called so)',
      '6 calls.',
    ].join('\n'),
  );
  assert.match(ran.stdout, /same gateway: 1 \(16\.7 %\)/);
  assert.match(ran.stdout, /^USD +2 +1 +0\.05 +0\.04 +-0\.01$/m);
  assert.match(ran.stdout, /^ +1 +would refuse +a +NoAvailableRouter$/m);
  assert.ok(ran.received.every(({ method }) => method === 'GET'));
  const all = await compare(CDRS, '--all', '--json');
  const lines = all.stdout.trim().split('\n').map((line) => JSON.parse(line) as { kind?: string }); // prettier-ignore
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['same', 'other', 'would-refuse', 'would-allow', 'both-refuse', 'not-compared', undefined],
  );
});

test('OPS-08 thousands of CDRs are compared; lines that are none are named', async () => {
  const many = Array.from({ length: 3000 }, (_, at) => `${String(at)},trunk,44,a,,`).join('\n');
  const ran = await compare(`ID,In,To,Out,Talk,Sum\n${many}\nx,,44,a,,\n`);
  assert.match(ran.stdout, /cdrs\.csv: CSV, .*; 3000 calls\./);
  assert.match(ran.stdout, /cdrs\.csv +3002 +In +must be the mapping gateway or phone that called/);
  assert.match(ran.stdout, /^3000 calls\.\n {2}same gateway: 3000 \(100\.0 %\)$/m);
  const none = await compare('ID,In,To,Out,Talk,Sum\n');
  assert.match(none.stderr, /has no call that could be compared/);
});

test('OPS-08 wrong usage is told', async () => {
  const told = async (...args: string[]): Promise<string> => {
    const ran = await run(['shadow', ...args], { answer });
    assert.equal(ran.code, 2);
    return ran.stderr;
  };
  assert.match(await told(), /Name a file with CDRs, or --listen/);
  assert.match(await told('x.csv'), /CDRs need --mapping FILE/);
  assert.match(await told('--listen', 'udp:1'), /must be hep:ADDRESS:PORT/);
  assert.match(await told('--listen', 'hep:127.0.0.1:0', '--calls', 'many'), /whole number from 1/);
  const taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
  const { port } = taken.address();
  assert.match(await told('--listen', `hep:127.0.0.1:${String(port)}`), /cannot be listened on: .*EADDRINUSE/); // prettier-ignore
  taken.close();
});
