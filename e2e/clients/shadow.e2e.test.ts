import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startAllinone } from '../src/allinone-switch.ts';
import { KamailioProxy } from '../src/clients/kamailio-proxy.ts';
import { carrier, configuration, demo } from '../src/configuration.ts';
import { freePorts, isUdpPortBound } from '../src/free-ports.ts';
import { ManagedProcess } from '../src/managed-process.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { Carrier, placeCalls } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const DUMP = join(REPOSITORY, 'libs/migration/test/fixtures/kamailio/mysqldump.sql');

interface VerdictLine {
  readonly kind: string;
  readonly gateway: string;
  readonly why: string;
  readonly call: {
    readonly callee: string;
    readonly from: string;
    readonly gateways: readonly string[];
    readonly code: number;
  };
}

describe('migration from a Kamailio', { timeout: 280_000 }, () => {
  let folder: string;
  let running: RunningSwitch;
  const tandem = (args: readonly string[]): ManagedProcess =>
    new ManagedProcess({
      name: 'tandem',
      command: process.execPath,
      args: ['cli/src/main.ts', ...args],
      cwd: REPOSITORY,
      env: { TANDEM_API: running.api.base, TANDEM_TOKEN_FILE: join(folder, 'api-token') },
    });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-e2e-'));
    running = await startAllinone({ dataDir: folder });
  });
  after(async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('ROUTE-12 OPS-08 calls of a real Kamailio, copied by siptrace, are held against routing', async (t) => {
    const [a = 0, b = 0, gone = 0, copies = 0, caller = 0] = await freePorts(5);
    const document = configuration(a, b);
    document.rateGroups = [{ name: 'standard', currency: 'USD', rates: [{ prefix: '', pricePerMinute: '0.01' }] }]; // prettier-ignore
    document.routingGateways = [
      { ...carrier('carrier-a', a, 1), prefixes: ['44', '49', '33'] },
      { ...carrier('carrier-gone', gone, 9), prefixes: ['447'] },
    ];
    await running.configure(document);
    const carriers = await Promise.all(
      [a, b].map((port) => Carrier.start({ scenario: 'carrier-answers', port })),
    );
    const kamailio = await KamailioProxy.start({ address: '127.0.0.4', copies, carriers: { a, b, gone } }); // prettier-ignore
    const shadow = tandem(['shadow', '--listen', `hep:127.0.0.1:${String(copies)}`, '--calls', '5', '--all', '--json']); // prettier-ignore
    t.after(async () => {
      await Promise.all([...carriers.map((each) => each.stop()), kamailio.stop(), shadow.stop()]);
    });
    await until('copies are taken', () => shadow.isRunning && isUdpPortBound(copies), { timeoutMs: 60_000 }); // prettier-ignore
    for (const callee of ['44201', '49301', '33101', '39061', '44777']) {
      await placeCalls({
        scenario: 'caller-ip',
        address: demo.trunkAddress,
        port: caller,
        target: kamailio.sip,
        callee,
      });
    }
    assert.equal(await shadow.exit(60_000), 0, shadow.output);
    const lines = shadow.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as VerdictLine & { readonly kinds?: object });
    const verdicts = lines.filter(({ kinds }) => kinds === undefined);
    const told = verdicts.map(({ call, gateway, kind }) => [call.callee, kind, gateway, call.code, call.gateways.map((each) => each.split(':')[1])]); // prettier-ignore
    assert.deepEqual(
      told.toSorted((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1)),
      [
        ['33101', 'would-allow', 'carrier-a', 403, []],
        ['39061', 'would-refuse', '', 200, [String(a)]],
        ['44201', 'same', 'carrier-a', 200, [String(a)]],
        // Longest prefix first, as there.
        ['44777', 'same', 'carrier-gone', 200, [String(gone), String(a)]],
        ['49301', 'other', 'carrier-a', 200, [String(b)]],
      ],
    );
    assert.ok(verdicts.every(({ call }) => call.from === demo.trunk));
    const refused = verdicts.find(({ kind }) => kind === 'would-refuse');
    assert.match(refused?.why ?? '', /^NoAvailableRouter: /);
    assert.deepEqual(lines.at(-1)?.kinds, { same: 2, other: 1, 'would-refuse': 1, 'would-allow': 1, 'both-refuse': 0, 'not-compared': 0 }); // prettier-ignore
    // Nothing was done: no call has come, none has a CDR.
    assert.deepEqual(await running.api.cdrs(), []);
  });

  test('OPS-08 CDRs of another switch are held against routing, with what was charged', async () => {
    const mapping = join(folder, 'mapping.yaml');
    const file = join(folder, 'cdrs.csv');
    await writeFile(
      mapping,
      'cdrs: { columns: { id: ID, from: { value: demo-trunk }, callee: To, gateway: Via, seconds: Talk, price: { column: Sum, as: decimal-comma } } }', // prettier-ignore
    );
    await writeFile(file, 'ID;To;Via;Talk;Sum\n1;44201;carrier-a;61;0,02\n2;44202;carrier-a;61;0,03\n3;39;carrier-a;5;0,01\n4;33;;0;\n'); // prettier-ignore
    const shadow = tandem(['shadow', file, '--mapping', mapping, '--json']);
    assert.equal(await shadow.exit(60_000), 0, shadow.output);
    assert.match(shadow.output, /"calls":4,"kinds":\{"same":2,"other":0,"would-refuse":1,"would-allow":1,/); // prettier-ignore
    assert.match(shadow.output, /"currency":"USD","calls":2,"differing":1,"there":"0\.05","here":"0\.04","difference":"-0\.01"/); // prettier-ignore
  });

  test('ROUTE-13 OPS-01 a real dump of Kamailio is one version, or none', async () => {
    const versions = async (): Promise<number> => {
      const { versions: all } = (await running.api.get('/api/v1/configuration/versions')) as { versions: unknown[] }; // prettier-ignore
      return all.length;
    };
    const first = await versions();
    const args = ['import', 'kamailio', DUMP, '--account', 'kam', '--new-account', '--group', '8'];
    const refused = tandem(args);
    assert.equal(await refused.exit(60_000), 1);
    assert.match(refused.output, /phone 1003 has ha1 alone/);
    assert.match(refused.output, /2 lines do not fit; nothing was changed/);
    const dry = tandem([...args, '--leave-out', '--dry-run']);
    assert.equal(await dry.exit(60_000), 0, dry.output);
    // The switch under test listens for UDP over IPv4 alone.
    assert.match(dry.output, / 80 +destination +sips:\[2001:db8::5\]:5061 .*no edge listens for/);
    assert.match(dry.output, /\+ phone 1002[^]*nothing was changed/);
    assert.equal(await versions(), first);
    const applied = tandem([...args, '--leave-out', '--note', 'from Kamailio']);
    assert.equal(await applied.exit(60_000), 0, applied.output);
    assert.equal(await versions(), first + 1);
    const again = tandem([...args, '--leave-out']);
    assert.equal(await again.exit(60_000), 0, again.output);
    // Passwords are compared by what they are, not by their masks.
    assert.match(again.output, /Nothing to change/);
    assert.equal(await versions(), first + 1);
  });
});
