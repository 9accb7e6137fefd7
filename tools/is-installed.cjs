// Exits with 0 where node_modules holds what package-lock.json asks for. Runs on any Node, before the
// packages are there, hence neither TypeScript nor a package.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

function packagesOf(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  const isPresent = ([path, entry]) =>
    path === '' || entry.optional === true || present[path]?.version === entry.version;
  if (!Object.entries(wanted).every(isPresent)) return false;
  const node = spawnSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' });
  return node.status === 0 && Number(/^v(\d+)/.exec(node.stdout)?.[1]) >= 24;
}

process.exitCode = isInstalled() ? 0 : 1;
