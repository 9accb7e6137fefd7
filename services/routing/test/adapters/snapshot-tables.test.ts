import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { snapshotOf } from '@tandem/config';
import { silentLogger } from '@tandem/service';
import { NameBook, systemClock } from '@tandem/sip-names';
import { SnapshotTables } from '../../src/adapters/snapshot-tables.ts';
import { findRoutes } from '../../src/core/candidates.ts';
import type { RoutingTables } from '../../src/core/routing-tables.ts';
import { configure, gateway, NOON } from '../routing-fixture.ts';

const logger = silentLogger();

function openTables(openPassword: (sealed: string) => string = (sealed) => sealed) {
  const unknown = { addresses: [], servers: [], ttlSeconds: 1 } as never;
  const names = new NameBook({
    lookUp: () => Promise.resolve(unknown),
    clock: systemClock,
    logger,
  });
  return new SnapshotTables(openPassword, logger, names);
}

/** 1,000 gateways for 44; each names the version in its priority. */
function versionOf(version: number, more: Record<string, unknown> = {}) {
  const routingGateways = Array.from({ length: 1000 }, (_, at) =>
    gateway(`g${String(at)}`, ['44'], { priority: version, ...more }),
  );
  return snapshotOf(version, configure({ routingGateways }));
}

function routesOf(tables: RoutingTables) {
  const { policy } = tables;
  const payer = { lowestProfit: undefined, rate: undefined, mayLose: true };
  const calling = { policy, payer, origin: undefined, random: () => 0 };
  return findRoutes(tables, { callee: '442079', nowMs: NOON }, calling);
}

test('ROUTE-13 a small version is in effect at once', () => {
  const tables = openTables();
  assert.equal(tables.use(snapshotOf(1, configure())), undefined);
  assert.equal(tables.current()?.version, 1);
});

test('ROUTE-13 while a large version is built calls go on by the one before, and see none by halves', async () => {
  const tables = openTables();
  await tables.use(versionOf(1));
  const building = tables.use(versionOf(2));
  let turns = 0;
  while (tables.current()?.version === 1) {
    const { routes } = routesOf(tables.current() ?? assert.fail());
    assert.equal(routes.length, 1000);
    assert.ok(routes.every((route) => route.gateway.priority === 1));
    turns += 1;
    await turn();
  }
  await building;
  assert.ok(turns >= 4, `${String(turns)} turns of the event loop`);
  const { routes } = routesOf(tables.current() ?? assert.fail());
  assert.ok(routes.every((route) => route.gateway.priority === 2));
  assert.equal(routes.length, 1000);
});

test('ROUTE-13 a version that comes while another is built takes its place', async () => {
  const tables = openTables();
  const first = tables.use(versionOf(1));
  await turn();
  const second = tables.use(versionOf(2));
  await Promise.all([first, second]);
  assert.equal(tables.current()?.version, 2);
});

test('ROUTE-13 a large version that cannot be used leaves the one before in effect', async () => {
  let isKeyRight = true;
  const tables = openTables((sealed) => {
    if (isKeyRight) return sealed;
    throw new Error('sealed with another key');
  });
  const credentials = { username: 'u', password: 'p' };
  await tables.use(versionOf(1, credentials));
  isKeyRight = false;
  await assert.rejects(async () => tables.use(versionOf(2, credentials)), /another key/);
  assert.equal(tables.current()?.version, 1);
});
