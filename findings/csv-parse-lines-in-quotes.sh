#!/usr/bin/env bash
# What: the line numbers of csv-parse are wrong behind a quoted field that has a line break written as \r\n.
# Version: csv-parse 7.0.3.
#
# With `info: true` each record comes with the line at which it ends. A break within quotes counts once where it is \n, and twice where it
# is \r\n, as RFC 4180 and spreadsheets write it; every line after it is off by one more. Who names a wrong line to an operator sends him
# to another one. Reading \r\n as \n before mends it.
#
# Seen: lines 1 3 4 with \n, 1 4 5 with \r\n.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error csv-parse@7.0.3 >/dev/null
cat >lines.cjs <<'JS'
const { parse } = require('csv-parse/sync');
const linesOf = (text) => parse(text, { info: true }).map(({ info }) => info.lines).join(' ');
const text = 'a,b\n1,"x\ny"\n2,z\n';
const [plain, windows] = [linesOf(text), linesOf(text.replaceAll('\n', '\r\n'))];
console.log(`node ${process.version}: lines ${plain} with \\n, ${windows} with \\r\\n`);
process.exit(plain === '1 3 4' && windows === '1 4 5' ? 0 : 1);
JS
node lines.cjs || { echo 'the finding does not hold any more' >&2; exit 1; }
