import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeerChoice } from '../src/grpc-peers.ts';

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const hostsOf = async (peers: PeerChoice): Promise<readonly string[]> =>
  (await peers.next()).map(({ host }) => host).sort();

test('OPS-07 each turn begins with another peer, in whichever order the name server says them', async () => {
  const answers = [
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.2', '10.0.0.1'],
  ];
  let asked = 0;
  const peers = new PeerChoice('auth:9000', () => Promise.resolve(answers[asked++ % 2] ?? []));
  const firsts = [await peers.next(), await peers.next(), await peers.next(), await peers.next()];
  const [one, two, three, four] = firsts.map(([first]) => first?.host);
  assert.notEqual(one, two);
  assert.deepEqual([three, four], [one, two]);
});

test('OPS-07 while the name server is silent what it said last holds, and it is not asked once more', async () => {
  const silence = Promise.withResolvers<readonly string[]>();
  let asked = 0;
  const peers = new PeerChoice('auth:9000', () =>
    ++asked === 1 ? Promise.resolve(['10.0.0.1']) : silence.promise,
  );
  assert.deepEqual(await hostsOf(peers), ['10.0.0.1']);
  assert.deepEqual(await hostsOf(peers), ['10.0.0.1']);
  assert.deepEqual(await hostsOf(peers), ['10.0.0.1']);
  assert.equal(asked, 2);
  silence.resolve(['10.0.0.2']);
  assert.deepEqual(await hostsOf(peers), ['10.0.0.2']);
});

test('OPS-07 a name that cannot be asked for now keeps its peers, one that nobody has loses them', async () => {
  const answers = [
    Promise.resolve(['10.0.0.1']),
    Promise.reject(failure('EAI_AGAIN')),
    Promise.reject(failure('ENOTFOUND')),
  ];
  for (const answer of answers) answer.catch(() => undefined);
  const peers = new PeerChoice('auth:9000', () => answers.shift() ?? Promise.resolve([]));
  assert.deepEqual(await hostsOf(peers), ['10.0.0.1']);
  assert.deepEqual(await hostsOf(peers), ['10.0.0.1']);
  assert.deepEqual(await hostsOf(peers), []);
});
