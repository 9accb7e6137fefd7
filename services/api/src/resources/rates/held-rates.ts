import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import type { HeldRates } from '../../replay-ports.ts';

/** Imports of rates that wait to be applied, each of another group. @throws where one is not there, or does not wait */
export async function heldRatesOf(
  named: readonly HeldRates[],
  { rates }: Pick<RouteParts, 'rates'>,
): Promise<readonly HeldRates[]> {
  const held: HeldRates[] = [];
  for (const { group, id } of named) {
    const found = id === '' ? undefined : await rates.import(group, id);
    if (found === undefined) {
      throw fail(404, 'no-such-import', `rates ${group}:${id}: there is no such import; write group and id as tandem rates imports GROUP shows them`); // prettier-ignore
    }
    if (found.state !== 'ready') {
      throw fail(409, 'import-not-ready', `import ${id} of ${group} is ${found.state}: only one that waits to be applied can be tried`); // prettier-ignore
    }
    if (held.some((other) => other.group === group)) {
      throw fail(400, 'invalid-request', `rates names group ${group} twice`);
    }
    held.push({ group, id });
  }
  return held;
}
