import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { connectRedis, defineScript, silentLogger } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { OwnRedis, eventually, ownCluster, ownSentinels } from '@tandem/testing';
import type { OwnCluster, OwnSentinels } from '@tandem/testing';

/** First wins, as the scripts of calls: tells whether this call of it was the first, and keeps who it was. */
const FIRST_WINS = "return redis.call('SET', KEYS[1], ARGV[1], 'NX') and 1 or 0";
const COUNT = "return redis.call('INCR', KEYS[1])";
const prefix = '{tandem}';
const logger = silentLogger();

interface Load {
  /** Keys whose first write was acknowledged. */
  readonly won: string[];
  readonly errors: unknown[];
  /** The longest that a command took, ms. */
  readonly slowest: () => number;
  /** Stops and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

/** Writes a new key every few milliseconds until it is stopped. */
function load(script: RedisScript, name: string): Load {
  const won: string[] = [];
  const errors: unknown[] = [];
  let slowest = 0;
  const underWay = new Set<Promise<void>>();
  let count = 0;
  const write = async (): Promise<void> => {
    const key = `${prefix}:${name}:${String((count += 1))}`;
    const startedAt = performance.now();
    try {
      // A second answer "not the first" to a key that nobody else writes would mean that it was sent twice.
      assert.equal(await script([key], ['me']), 1);
      won.push(key);
    } catch (error) {
      errors.push(error);
    }
    slowest = Math.max(slowest, performance.now() - startedAt);
  };
  const timer = setInterval(() => {
    const work = write().finally(() => underWay.delete(work));
    underWay.add(work);
  }, 5);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(underWay);
  };
  return { won, errors, slowest: () => slowest, stop };
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE';

async function works(script: RedisScript, key: string): Promise<boolean> {
  return script([key], ['me']).then(
    () => true,
    () => false,
  );
}

describe('sentinels', () => {
  let place: OwnSentinels;
  let redis: Redis;
  before(async () => {
    place = await ownSentinels({ password: 'secret' });
    redis = connectRedis({ url: place.url, logger });
  });
  after(async () => {
    redis.disconnect();
    await place.close();
  });

  test('edge.md §5: Redis by Sentinel: the primary is killed, scripts go on with its replica, nothing is done twice', async () => {
    const script = defineScript(redis, FIRST_WINS, 1);
    await eventually('the first script', () => works(script, `${prefix}:first`));
    const portBefore = await place.primaryPort();
    const running = load(script, 'sentinel');
    await eventually('some writes', () => running.won.length > 50);
    const [primary] = place.servers;
    await primary.kill();
    const wonBefore = running.won.length;
    await eventually('writes after the failover', () => running.won.length > wonBefore + 50);
    await running.stop();
    assert.notEqual(await place.primaryPort(), portBefore);
    assert.ok(running.errors.length > 0 && running.errors.every(isUnavailable), String(running.errors.find((error) => !isUnavailable(error)))); // prettier-ignore
    assert.ok(running.slowest() < 15_000);
    // The general client has followed as well.
    await eventually('the client', async () => (await redis.get(running.won.at(-1) ?? '').catch(() => null)) === 'me'); // prettier-ignore
  });

  test('edge.md §5: Redis by Sentinel: the primary hangs, its replica takes over and the connection follows', async () => {
    const [one, other] = place.servers;
    await one.start();
    // Sooner than the sentinels would.
    await one.command('REPLICAOF', '127.0.0.1', other.port);
    await eventually('the former primary is a replica', async () =>
      String(await one.command('INFO', 'replication')).includes('master_link_status:up'),
    );
    const script = defineScript(redis, FIRST_WINS, 1);
    const running = load(script, 'frozen');
    await eventually('some writes', () => running.won.length > 20);
    other.freeze();
    const wonBefore = running.won.length;
    await eventually('writes after the failover', () => running.won.length > wonBefore + 20);
    await running.stop();
    other.thaw();
    assert.ok(running.errors.every(isUnavailable));
    assert.ok(running.slowest() < 15_000);
    assert.equal(await place.primaryPort(), one.port);
  });

  test('OPS-05 sentinels that do not know the name: commands are refused in time', async () => {
    const wrong = connectRedis({ url: place.url.replace(/\/main$/, '/nobody'), logger });
    const script = defineScript(wrong, COUNT, 1);
    await assert.rejects(script([`${prefix}:k`], []), isUnavailable);
    wrong.disconnect();
  });
});

describe('a replica', () => {
  test('edge.md §5: a server that has become a replica is left: READONLY is told as the store being away', async () => {
    const server = await OwnRedis.start();
    const redis = connectRedis({ url: server.url, logger });
    const script = defineScript(redis, COUNT, 1);
    assert.equal(await script([`${prefix}:k`], []), 1);
    await server.command('REPLICAOF', '127.0.0.1', '1');
    await eventually('the refusal', async () => {
      const error: unknown = await script([`${prefix}:k`], []).catch((cause: unknown) => cause);
      return isUnavailable(error) && String(error).includes('READONLY');
    });
    await server.command('REPLICAOF', 'NO', 'ONE');
    await eventually('the recovery', async () => (await script([`${prefix}:k`], []).catch(() => 0)) === 2); // prettier-ignore
    redis.disconnect();
    await server.close();
  });
});

describe('one server', () => {
  test('DENY-19 a Redis that was killed and comes back empty serves scripts again, without a restart of ours', async () => {
    const server = await OwnRedis.start({ settings: ['requirepass secret'], password: 'secret' });
    const redis = connectRedis({ url: server.url, logger });
    const script = defineScript(redis, COUNT, 1);
    const key = `${prefix}:count`;
    assert.equal(await script([key], []), 1);
    await server.kill();
    await assert.rejects(script([key], []), isUnavailable);
    // Long enough away for commands to be refused at once.
    await eventually('quick refusals', async () => {
      const at = performance.now();
      await script([key], []).catch(() => undefined);
      return performance.now() - at < 20;
    });
    await server.start();
    await eventually('the recovery', async () => (await script([key], []).catch(() => 0)) === 1);
    await eventually('the client', async () => (await redis.get(key).catch(() => null)) === '1');
    redis.disconnect();
    await server.close();
  });

  test('DENY-19 a Redis that hangs is told in time, then at once, and serves again when it goes on', async () => {
    const server = await OwnRedis.start();
    const redis = connectRedis({ url: server.url, logger, commandTimeoutMs: 400 });
    const script = defineScript(redis, COUNT, 1);
    const key = `${prefix}:hanging`;
    assert.equal(await script([key], []), 1);
    server.freeze();
    await assert.rejects(script([key], []), isUnavailable);
    await eventually('refusals at once', async () => {
      const at = performance.now();
      await assert.rejects(script([key], []), isUnavailable);
      return performance.now() - at < 20;
    });
    server.thaw();
    await eventually('the recovery', () => works(script, key));
    redis.disconnect();
    await server.close();
  });

  test('DENY-19 a wrong password is told as the store being away', async () => {
    const server = await OwnRedis.start({ settings: ['requirepass secret'], password: 'secret' });
    const redis = connectRedis({ url: server.url.replace('secret', 'wrong'), logger });
    await assert.rejects(defineScript(redis, COUNT, 1)([`${prefix}:k`], []), isUnavailable);
    redis.disconnect();
    await server.close();
  });

  test('OPS-05 a wrong URL is refused with what is right', () => {
    const isRefused = (error: unknown): boolean =>
      error instanceof SwitchError &&
      error.code === 'SWITCH_CONFIGURATION_INVALID' &&
      error.message.includes('what the sentinels call the primary');
    assert.throws(() => connectRedis({ url: 'redis+sentinel://a:1', logger }), isRefused);
  });
});

describe('a cluster', () => {
  const key = `${prefix}:any`;
  let place: OwnCluster;
  let redis: Redis;
  before(async () => {
    place = await ownCluster(key);
    redis = connectRedis({ url: place.url, logger });
  });
  after(async () => {
    redis.disconnect();
    await place.close();
  });

  test('edge.md §5: Redis Cluster: nodes that do not have the slot lead to the one that has', async () => {
    const script = defineScript(redis, FIRST_WINS, 1);
    const keys = Array.from({ length: 100 }, (_, index) => `${prefix}:spread:${String(index)}`);
    assert.deepEqual(await Promise.all(keys.map((each) => script([each], ['me']))), keys.map(() => 1)); // prettier-ignore
    assert.equal(await place.owner.command('GET', keys[7] ?? ''), 'me');
    await eventually('the client', async () => (await redis.get(keys[7] ?? '').catch(() => null)) === 'me'); // prettier-ignore
    const without = defineScript(redis, "return 'any node'", 0);
    assert.equal(await without([], []), 'any node');
  });

  test('edge.md §5: Redis Cluster: a slot under way between nodes is followed by ASK, and MOVED afterwards', async () => {
    const [target] = place.others;
    const slot = String(await place.owner.command('CLUSTER', 'KEYSLOT', '{moving}'));
    const [source, script] = [await ownerOf(place, slot), defineScript(redis, COUNT, 1)];
    const goal = source === target ? place.others[1] : target;
    assert.equal(await script(['{moving}:a'], []), 1);
    const id = async (node: OwnRedis): Promise<string> => String(await node.command('CLUSTER', 'MYID')); // prettier-ignore
    await goal.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await id(source));
    await source.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await id(goal));
    // A key that the source has not is at the goal.
    assert.equal(await script(['{moving}:b'], []), 1);
    assert.equal(await script(['{moving}:a'], []), 2);
    await source.command('MIGRATE', '127.0.0.1', goal.port, '{moving}:a', 0, 5000);
    assert.equal(await script(['{moving}:a'], []), 3);
    for (const node of [goal, source]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', await id(goal)); // prettier-ignore
    assert.equal(await script(['{moving}:a'], []), 4);
    assert.equal(await script(['{moving}:b'], []), 2);
  });

  test('edge.md §5: Redis Cluster: the node of the slot is killed, scripts go on with its replica, nothing is done twice', async () => {
    const script = defineScript(redis, FIRST_WINS, 1);
    const running = load(script, 'cluster');
    await eventually('some writes', () => running.won.length > 50);
    await place.owner.kill();
    const wonBefore = running.won.length;
    await eventually('writes after the failover', () => running.won.length > wonBefore + 50);
    await running.stop();
    assert.ok(running.errors.length > 0 && running.errors.every(isUnavailable), String(running.errors.find((error) => !isUnavailable(error)))); // prettier-ignore
    assert.ok(running.slowest() < 15_000);
    assert.equal(await place.replica.command('GET', running.won.at(-1) ?? ''), 'me');
    await eventually('the client', async () => (await redis.get(running.won.at(-1) ?? '').catch(() => null)) === 'me'); // prettier-ignore
  });
});

async function ownerOf(place: OwnCluster, slot: string): Promise<OwnRedis> {
  const nodes = [place.owner, ...place.others];
  const ranges = (await place.owner.command('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]; // prettier-ignore
  const range = ranges.find(([from, to]) => Number(slot) >= from && Number(slot) <= to);
  const owner = nodes.find(({ port }) => port === range?.[2][1]);
  assert.ok(owner);
  return owner;
}
