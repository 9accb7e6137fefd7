#!/usr/bin/env bash
# What: Intl in Node shows another local time than the IANA's data say, for places that have changed their clocks since Node was built.
# Version: Node 24.21.0 (time zones 2026c) beside moment-timezone 0.6.6 (2026f).
#
# Node's time zones come with its ICU and change with a new Node alone; TZ and the files of the system are not looked at. A schedule, an invoice or
# a report that goes by local time is an hour off there, with no warning. PostgreSQL has data of its own, of another age.
#
# Seen: at noon UTC on 1 December 2026 Node shows 06:00 in Winnipeg, 05:00 in Inuvik and 07:00 in Havana; the data of 2026f say 07:00, 06:00 and 08:00.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error node@24.21.0 moment-timezone@0.6.6 --allow-scripts=node >/dev/null 2>&1 ||
  npm install --no-audit --no-fund --loglevel=error node@24.21.0 moment-timezone@0.6.6 >/dev/null
cat >compare.cjs <<'JS'
const moment = require('moment-timezone');
const at = Date.parse('2026-12-01T12:00:00Z');
console.log(`Node ${process.version} has ${process.versions.tz}, moment-timezone ${moment.tz.dataVersion}`);
let differing = 0;
for (const zone of ['America/Winnipeg', 'America/Inuvik', 'America/Havana', 'Europe/London']) {
  const options = { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const byNode = new Intl.DateTimeFormat('en-GB', options).format(at);
  const byData = moment.tz(at, zone).format('HH:mm');
  if (byNode !== byData) differing += 1;
  console.log(`${zone}: Node ${byNode}, data ${byData}`);
}
console.log(differing === 3 ? 'seen' : `not seen: ${differing} differ`);
JS
node_modules/.bin/node compare.cjs
