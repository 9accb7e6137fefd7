/**
 * Renders the chart with each program of Helm that is named, and compares what comes with what the library of the tests makes of it, as
 * objects; kubeconform, where it is there, checks the same:
 *
 *   node tools/chart.ts helm3 helm4
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { chart, Helm } from './test/chart/helm.ts';
import { objectsOf, type KubernetesObject } from './test/chart/objects.ts';

/** A Helm that was built of its module says that there is Kubernetes 1.20. */
const KUBERNETES = '1.34.0';

const programs = process.argv.slice(2);
const files = [
  ...globSync(join(chart, 'ci/*-values.yaml')).sort(),
  join(chart, 'values-trial.yaml'),
];
const library = new Helm();
try {
  for (const program of programs) {
    console.log(`${program}: ${run(program, ['version', '--short']).trim()}`);
    for (const file of files) {
      const text = run(program, [
        ...['template', 'tandem', chart, '--namespace', 'telephony'],
        ...['--kube-version', KUBERNETES, '--values', file],
      ]);
      const objects = parseAllDocuments(text).flatMap(
        (document) => (document.toJS() as KubernetesObject | null) ?? [],
      );
      const expected = await objectsOf(library, parse(readFileSync(file, 'utf8')));
      assert.deepEqual(comparable(objects), comparable(expected), `${program}, ${basename(file)}`);
      console.log(`  ${basename(file)}: ${String(objects.length)} objects, the same`);
      if (process.env['KUBECONFORM'] !== undefined) check(process.env['KUBECONFORM'], text);
    }
  }
} finally {
  await library.close();
}

function check(kubeconform: string, text: string): void {
  const schemas = process.env['KUBECONFORM_SCHEMAS'] ?? 'default';
  const options = ['-strict', '-summary', '-skip', 'Certificate', '-schema-location', schemas, '-'];
  console.log(`  ${run(kubeconform, options, text).trim()}`);
}

/** Sorted, without what is made anew in each rendering. */
function comparable(objects: readonly KubernetesObject[]): readonly unknown[] {
  const texts = objects.map((object) => {
    return JSON.stringify(sorted({ ...object, data: undefined })).replace(
      /"tandem\/secrets":"\w+"/g,
      '"tandem/secrets":""',
    );
  });
  return texts.sort();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

function run(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input });
  if (error !== undefined) throw error;
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}
