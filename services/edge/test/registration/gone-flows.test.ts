import assert from 'node:assert/strict';
import test from 'node:test';
import { SwitchError } from '@tandem/domain';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { ownerName } from '../../src/core/marks/owner.ts';
import { GoneFlows } from '../../src/registration/gone-flows.ts';

async function open() {
  const clock = new FakeClock();
  const pods = new MemoryPods(clock);
  const registry = pods.registry();
  await registry.join({ name: 'own', role: 'both', address: '10.0.0.1:7000' });
  const other = await pods
    .registry()
    .join({ name: 'other', role: 'front', address: '10.0.0.2:7000' });
  const told: { readonly flows: readonly string[]; readonly gate: string }[] = [];
  const flows = new GoneFlows({
    clock,
    logger: silentLogger(),
    pods: registry,
    registrar: {
      register: () => Promise.reject(new Error('nobody registers')),
      keepalives: () => Promise.reject(new Error('nothing is due')),
      endFlows: (request) => {
        told.push(request);
        return told.length > 2
          ? Promise.reject(new SwitchError('SWITCH_STORE_UNAVAILABLE', ''))
          : Promise.resolve({ ended: 1 });
      },
    },
  });
  flows.start();
  return { clock, pods, other, told, flows };
}

test('REG-02 connections that close together are told together, and those of a pod that goes as it goes', async () => {
  const { clock, flows, told } = await open();
  flows.closed({ gate: '10.0.0.1:7000', connection: 17 });
  flows.closed({ gate: '10.0.0.2:7000', connection: 18 });
  await clock.advanceSettled(200);
  assert.deepEqual(told, [{ flows: ['10.0.0.1:7000;17', '10.0.0.2:7000;18'], gate: '' }]);
  flows.closed({ gate: '10.0.0.1:7000', connection: 19 });
  flows.close();
  flows.closed({ gate: '10.0.0.1:7000', connection: 20 });
  assert.deepEqual(told.at(-1), { flows: ['10.0.0.1:7000;19'], gate: '' });
});

test('REG-02 connections of a pod that is dead for ten seconds are gone; one that was only paused keeps them', async () => {
  const { clock, flows, other, pods, told } = await open();
  await clock.advanceSettled(2000);
  pods.lapse(ownerName(other));
  await clock.advanceSettled(5000);
  await pods.registry().join({ name: 'other', role: 'front', address: '10.0.0.2:7000' });
  await clock.advanceSettled(20_000);
  assert.deepEqual(told, []);
  const again = await pods
    .registry()
    .join({ name: 'third', role: 'front', address: '10.0.0.3:7000' });
  await clock.advanceSettled(2000);
  pods.lapse(ownerName(again));
  await clock.advanceSettled(30_000);
  assert.deepEqual(told, [{ flows: [], gate: '10.0.0.3:7000' }]);
  flows.close();
});
