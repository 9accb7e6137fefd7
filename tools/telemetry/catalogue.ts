import { globSync, readFileSync } from 'node:fs';
import type { NamedMetric } from '../../libs/telemetry/src/index.ts';

/** A metric of the code, and where it is declared. */
interface CataloguedMetric extends NamedMetric {
  readonly file: string;
}

const root = new URL('../../', import.meta.url);

const DECLARED =
  /(counter|tally|histogram|gauge|sharedGauge)\((?:[^()]|\([^()]*\)){0,120}?name: '(tandem\.[a-z._]+)'[^}]*?unit: '([^']*)'/gs;

/** All metrics that the libraries and services declare, in the order of their files. */
export function metricCatalogue(): readonly CataloguedMetric[] {
  return sourceFiles().flatMap(({ file, text }) =>
    [...text.matchAll(DECLARED)].map(([, made = '', name = '', unit = '']) => ({
      file,
      name,
      unit,
      kind: kindOf(made),
    })),
  );
}

/** The names of all attributes that are counted, recorded or observed by, as they stand in the code. */
export function attributeCatalogue(): readonly string[] {
  const given = /(?:\.add|\.record|observe|report)\([^{};]*\{([^{}]*)\}/g;
  const listed = /each\('([^']+)'/g;
  const names = sourceFiles().flatMap(({ text }) => [
    ...[...text.matchAll(given)].flatMap(([, inside = '']) =>
      [...inside.matchAll(/(?:^|,)\s*(?:'([^']+)'|(\w+))/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      ),
    ),
    ...[...text.matchAll(listed)].map(([, name = '']) => name),
  ]);
  return [...new Set(names)].toSorted();
}

function sourceFiles(): readonly { readonly file: string; readonly text: string }[] {
  return globSync('{libs,services}/*/src/**/*telemetry.ts', { cwd: root })
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, root), 'utf8') }));
}

function kindOf(made: string): NamedMetric['kind'] {
  if (made === 'histogram') return 'histogram';
  return made === 'gauge' || made === 'sharedGauge' ? 'gauge' : 'counter';
}
