import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { listContent, numbersOf } from '@tandem/domain';
import type { NumberListStore } from '../../src/ports.ts';

const context = { appliedBy: 'test', note: 'n' };

/** What every store of lists does. */
export function numberListStoreContract(
  name: string,
  open: (context: TestContext) => Promise<NumberListStore>,
): void {
  test(`ROUTE-10 ${name}: what is stored is read again, by versions`, async (testing) => {
    const store = await open(testing);
    const content = listContent(['442079460000', '#31#', '1'.repeat(20), '0']);
    assert.equal(await store.change('a', () => content, context), 1);
    assert.equal(await store.change('a', () => undefined, context), undefined);
    assert.equal(await store.change('a', (current) => (assert.deepEqual(current, content), listContent(['1'])), context), 2); // prettier-ignore
    assert.equal(await store.change('b', () => listContent(['2']), context), 1);
    assert.deepEqual(await store.content('a', 1), content);
    assert.deepEqual([...numbersOf((await store.content('a')) ?? content)], ['1']);
    assert.equal(await store.content('a', 3), undefined);
    assert.deepEqual(
      (await store.list()).map(({ list, version, numbers }) => [list, version, numbers]),
      [
        ['a', 2, 1],
        ['b', 1, 1],
      ],
    );
    const versions = await store.versions('a');
    assert.deepEqual(
      versions.map(({ version, numbers, importedBy, note }) => [
        version,
        numbers,
        importedBy,
        note,
      ]),
      [
        [2, 1, 'test', 'n'],
        [1, 4, 'test', 'n'],
      ],
    );
  });

  test(`ROUTE-10 ${name}: changes at once come one after another`, async (testing) => {
    const store = await open(testing);
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        store.change(
          'a',
          (current) => listContent([...(current === undefined ? [] : numbersOf(current)), `1${String(at)}`]), // prettier-ignore
          context,
        ),
      ),
    );
    const content = await store.content('a');
    assert.equal(content?.packed.length, 10);
  });
}
