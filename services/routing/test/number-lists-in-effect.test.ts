import assert from 'node:assert/strict';
import test from 'node:test';
import { snapshotOf } from '@tandem/config';
import type { ImportedList, Snapshot } from '@tandem/config';
import { listContent } from '@tandem/domain';
import { NumberListsInEffect } from '../src/number-lists-in-effect.ts';
import { configure } from './routing-fixture.ts';

function opened() {
  const used: number[] = [];
  const followed: (readonly string[])[] = [];
  const errors: string[] = [];
  let tell: (name: string, list: ImportedList) => void = () => undefined;
  let looked = Promise.withResolvers<undefined>();
  const lists = new NumberListsInEffect({
    open: (onList) => {
      tell = onList;
      return {
        follow: async (names) => {
          followed.push(names);
          await looked.promise;
        },
        close: () => Promise.resolve(),
      };
    },
    use: ({ version }) => {
      if (version === 99) throw new Error('not to be used');
      used.push(version);
      return undefined;
    },
    logger: { error: (_: unknown, message?: string) => errors.push(message ?? '') },
  });
  const snapshot = (version: number, numberLists?: readonly object[]): Snapshot =>
    snapshotOf(version, configure(numberLists === undefined ? {} : { numberLists }));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    lists,
    used,
    followed,
    errors,
    snapshot,
    turn,
    tell: (name: string, numbers: readonly string[], version = 1) => {
      tell(name, { version, content: listContent(numbers) });
    },
    found: async () => {
      looked.resolve(undefined);
      looked = Promise.withResolvers();
      await turn();
    },
  };
}

test('ROUTE-13 a version with lists is used once they have been looked for; one without is at once', async () => {
  const { lists, used, snapshot, tell, found, turn, followed } = opened();
  void lists.follow(snapshot(1));
  assert.deepEqual(used, [1]);
  void lists.follow(snapshot(2, [{ name: 'vip' }]));
  await turn();
  assert.deepEqual([used, followed], [[1], [['vip']]]);
  tell('vip', ['44']);
  assert.equal(lists.current.size, 0);
  await found();
  assert.deepEqual(used, [1, 2]);
  assert.equal(lists.current.get('vip')?.find('44'), '44');
  assert.deepEqual([...lists.sizes()], [['vip', 1]]);
  // A call that has begun keeps what it was given.
  const before = lists.current;
  tell('vip', ['45'], 2);
  assert.equal(before.get('vip')?.find('44'), '44');
  assert.equal(lists.current.get('vip')?.find('44'), undefined);
  void lists.follow(snapshot(3));
  assert.equal(lists.current.size, 0);
});

test('ROUTE-10 a list is compared as the version in effect says', async () => {
  const { lists, snapshot, tell, found } = opened();
  void lists.follow(snapshot(1, [{ name: 'a' }, { name: 'b' }]));
  tell('a', ['44']);
  tell('b', ['44']);
  await found();
  const [, b] = [lists.current.get('a'), lists.current.get('b')];
  assert.equal(lists.current.get('a')?.find('4420'), undefined);
  void lists.follow(snapshot(2, [{ name: 'a', match: 'prefix' }, { name: 'b' }]));
  await found();
  assert.equal(lists.current.get('a')?.find('4420'), '44');
  // Nothing is built again that is the same.
  assert.equal(lists.current.get('b'), b);
});

test('ROUTE-13 of two versions at once the later one is used, and one that cannot be is told', async () => {
  const { lists, used, errors, snapshot, found } = opened();
  void lists.follow(snapshot(1, [{ name: 'a' }]));
  void lists.follow(snapshot(2, [{ name: 'a' }]));
  await found();
  assert.deepEqual(used, [2]);
  void lists.follow(snapshot(99, [{ name: 'a' }]));
  await found();
  assert.deepEqual([used, errors], [[2], ['configuration not used']]);
  await lists.close();
});
