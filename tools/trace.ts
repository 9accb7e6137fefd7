/**
 * Lists the ids of the specification that no test names, with what they ask for. `--all` lists each id
 * with the number of its tests.
 */
import { globSync, readFileSync } from 'node:fs';

const IDS = 'docs/spec-ids.txt';

const isAll = process.argv.includes('--all');
const counts = countTests();
const wanted = readFileSync(IDS, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({
    id: line.slice(0, line.indexOf(' ')),
    text: line.slice(line.indexOf(' ') + 1),
  }));
const without = wanted.filter(({ id }) => !counts.has(id));

for (const { id, text } of isAll ? wanted : without) {
  const count = isAll ? `${String(counts.get(id) ?? 0).padStart(4)} ` : '';
  console.log(`${count}${id.padEnd(9)} ${text}`);
}
const covered = wanted.length - without.length;
console.log(`${String(covered)} of ${String(wanted.length)} ids are named by a test`);

const known = new Set(wanted.map(({ id }) => id));
const unknown = [...counts.keys()].filter((id) => !known.has(id));
if (unknown.length > 0) {
  console.error(`tests name ids that ${IDS} does not know: ${unknown.join(', ')}`);
  process.exitCode = 1;
}

/** How many tests begin with each id; a name may begin with several, as in `AUTH-06, AUTH-10 …`. */
function countTests(): Map<string, number> {
  const found = new Map<string, number>();
  const files = globSync('{libs,services,cli,e2e,tools}/**/*.test.ts', {
    exclude: (name) => name === 'node_modules',
  });
  for (const file of files) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/\btest\(\s*[`'"]([^\n]*)/g)) {
      for (const [id] of name.matchAll(/\b(?:AUTH|DENY|REG|ROUTE|CALL|BILL|OPS)-\d\d\b/g)) {
        found.set(id, (found.get(id) ?? 0) + 1);
      }
    }
  }
  return found;
}
