import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { alerts } from '../telemetry/alerts.ts';

const root = new URL('../../docs/runbooks/', import.meta.url);
const pages = globSync('*.md', { cwd: root }).map((file) => basename(file, '.md'));

test('OPS-06 every alert has its page in docs/runbooks, and every page its alert', () => {
  assert.deepEqual(pages.toSorted(), alerts.map(({ name }) => name).toSorted());
});

test('OPS-06 every page says what its alert means, where to look and what to do; its links lead somewhere', () => {
  for (const name of pages) {
    const text = readFileSync(new URL(`${name}.md`, root), 'utf8');
    assert.match(
      text,
      new RegExp(`^# ${name}\n\n\\S[^#]+\n\n## Look\n\n- [^#]+\n\n## Do\n\n- [^#]+\n$`),
      name,
    );
    for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      assert.ok(existsSync(new URL(link, root)), `${name}: ${link}`);
    }
  }
});
