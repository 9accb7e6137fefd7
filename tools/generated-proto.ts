import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';

/** Version of buf, which stays outside the lock file: its platform packages are not on every registry. */
const BUF = '@bufbuild/buf@1.75.0';

/**
 * What the generated code was made of and what came out, so that a check needs neither buf nor a network:
 * one line per file with its hash.
 */
const MANIFEST = 'libs/proto/src/gen/manifest.txt';

/** Runs buf over proto/, writes the manifest. */
export function generateProto(): void {
  run(['format', '--write']);
  run(['lint']);
  run(['generate']);
  writeFileSync(MANIFEST, manifest());
}

/** One line for each file that is not as the manifest says; empty where all is current. */
export function checkProto(): string[] {
  const recorded = new Set(readLines(MANIFEST));
  const present = new Set(manifest().split('\n'));
  const differing = [
    ...[...recorded].filter((line) => !present.has(line)),
    ...[...present].filter((line) => !recorded.has(line)),
  ].filter((line) => line !== '');
  const files = new Set(differing.map((line) => line.slice(line.indexOf(' ') + 1)));
  return [...files].sort().map((file) => `${file} is stale or edited by hand: run make proto`);
}

function run(parameters: readonly string[]): void {
  const { status } = spawnSync('npx', ['--yes', BUF, ...parameters], {
    cwd: 'proto',
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`buf ${parameters.join(' ')} failed`);
}

function manifest(): string {
  const plugin = JSON.parse(readFileSync('node_modules/ts-proto/package.json', 'utf8')) as {
    readonly version: string;
  };
  const files = [...globSync('proto/**/*.{proto,yaml}'), ...globSync('libs/proto/src/gen/**/*.ts')];
  const lines = files.sort().map((file) => `${hashOf(file)} ${file}`);
  return [`ts-proto ${plugin.version}`, ...lines, ''].join('\n');
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
