import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { builtInAlarmRules } from '../../libs/config/src/index.ts';
import { alerts } from '../telemetry/alerts.ts';

const root = new URL('../../docs/runbooks/', import.meta.url);
const pages = globSync('*.md', { cwd: root }).map((file) => basename(file, '.md'));

test('OPS-06 OPS-11 every alert and every built-in alarm has its page in docs/runbooks, and every page is of one', () => {
  const names = new Set([...alerts, ...builtInAlarmRules].map(({ name }) => name));
  assert.deepEqual(pages.toSorted(), [...names].toSorted());
});

test('OPS-11 what Prometheus and the switch itself call by one name has one severity, and lasts as long', () => {
  const same = builtInAlarmRules.flatMap((rule) => {
    const alert = alerts.find(({ name }) => name === rule.name);
    return alert === undefined ? [] : [{ rule, alert }];
  });
  assert.ok(same.length >= 14);
  for (const { alert, rule } of same) {
    assert.equal(alert.severity, rule.severity, rule.name);
    const lasting = rule.lastingSeconds === 0 ? undefined : `${String(rule.lastingSeconds / 60)}m`;
    assert.equal(alert.lasting, lasting, rule.name);
  }
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
