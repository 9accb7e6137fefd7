#!/usr/bin/env bash
# What: linear is not cheap: re2js takes patterns of two dozen characters that cost milliseconds for one telephone number.
# Version: re2js 2.10.0 on Node 24.
#
# RE2 allows counts up to 1000, multiplied over all levels, and writes them out: (\d{0,30}){0,30} is a program of some 1,900 steps, each of
# which is looked at for each character that comes. 64 digits that do not match take 4 ms; a hundred such calls a second are half a core. No
# limit on the length of the pattern finds that; `programSize()` of the compiled one does. Where the pattern ends with a letter that the text
# does not have, a check before the search hides it: the last of these is as long, and takes less than a microsecond.
#
# Seen: ^0(\d+)$ 0.5 µs (9 steps); (\d{0,9}){0,9}[*#] 1.3 ms (192); (\d{0,30}){0,30}[*#]$ 4.3 ms (1,894); (\d{0,30}){0,30}x 0.7 µs (1,893).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error node@24.21.0 re2js@2.10.0 --allow-scripts=node >/dev/null 2>&1 ||
  npm install --no-audit --no-fund --loglevel=error node@24.21.0 re2js@2.10.0 >/dev/null
cat >measure.mjs <<'JS'
import { RE2JS } from 're2js';
const text = '1'.repeat(64);
let slowest = 0;
for (const pattern of ['^0(\\d+)$', '(\\d{0,9}){0,9}[*#]', '(\\d{0,30}){0,30}[*#]$', '(\\d{0,30}){0,30}x']) {
  const expression = RE2JS.compile(pattern);
  let count = 0;
  const start = performance.now();
  for (; performance.now() - start < 300; count++) expression.matcher(text).find();
  const micros = 300_000 / count;
  slowest = Math.max(slowest, micros);
  console.log(`${pattern.padEnd(24)} ${String(expression.programSize()).padStart(5)} steps  ${micros.toFixed(1)} µs`);
}
process.exitCode = slowest > 500 ? 0 : 1;
JS
node_modules/.bin/node measure.mjs
