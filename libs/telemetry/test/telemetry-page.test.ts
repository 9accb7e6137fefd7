import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/telemetry.md', root), 'utf8');

/** The first cells of the table under a heading. */
function listed(heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name).toSorted();
}

function sources(): string {
  return globSync('{libs,services}/*/src/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('libs/proto/'))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
}

test('OPS-06 docs/telemetry.md lists every metric of the code and no other', () => {
  const declared = [...sources().matchAll(/\bname: '(tandem\.[a-z._]+)'/g)].map(([, name]) => name);
  assert.ok(declared.length > 10);
  assert.deepEqual(listed('Metrics'), [...new Set(declared)].sort());
});

test('OPS-06 every span of docs/telemetry.md has its tracer in the code', () => {
  const code = sources();
  for (const span of listed('Spans')) {
    const service = span.slice(0, span.indexOf('.'));
    assert.ok(code.includes(`'tandem.${service}'`), span);
  }
});
