/**
 * Finds and runs the tests, by kind:
 *
 *   node tools/test.ts unit [words…]   pure tests and properties, in one process, with coverage
 *   node tools/test.ts int [words…]    tests against the real stores, a process per file
 *   node tools/test.ts e2e [words…]    whole calls: beside each other, in pairs, then those that need the machine for themselves
 *   node tools/test.ts clients [words…] browsers and telephones that are not installed for each run (make clients)
 *   node tools/test.ts dashboards [words…] dashboards and alerts through the real collector (make dashboards)
 *   node tools/test.ts soak [words…]   what kills, in its long form (set TANDEM_SOAK=5 for five runs, as make soak does)
 *   node tools/test.ts days [words…]   unit and int at other moments; words are moments (tools/moments.ts) and files
 *   node tools/test.ts all             all set-up, all checks, all kinds; what CI runs
 *
 * Words choose the files whose path contains one of them (and switch the coverage gate off).
 */
import { run as runAll } from './test-run.ts';
import { runDays } from './test-days.ts';
import { kindNames, kindsNamed, runKinds } from './test-kinds.ts';

const [what = '', ...words] = process.argv.slice(2);

if (what === 'all') {
  process.exitCode = await runAll();
} else if (what === 'days') {
  process.exitCode = (await runDays(words)) ? 0 : 1;
} else if (kindsNamed(what).length > 0) {
  process.exitCode = (await runKinds(kindsNamed(what), words)) ? 0 : 1;
} else {
  console.error(`usage: node tools/test.ts ${kindNames.join('|')}|days|all [words…]`);
  process.exitCode = 2;
}
