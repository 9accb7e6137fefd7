/**
 * `make fuzz-api`: schemathesis (from PyPI) sends the REST API what its description allows, and what it does not, and finds
 * answers that are 500 or not as described. SCHEMATHESIS names the program; each request is an administrator's.
 */
import { spawnSync } from 'node:child_process';

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAllinone } from './allinone-switch.ts';

/** What ends by itself only with its reader, and what ends the session that asks. */
const LEFT_OUT = ['live'];
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';

const program = process.env['SCHEMATHESIS'] ?? 'schemathesis';
const examples = process.env['EXAMPLES'] ?? '20';
const dataDir = await mkdtemp(join(tmpdir(), 'tandem-fuzz-'));
const running = await startAllinone({ dataDir });
const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
const { status } = spawnSync(
  program,
  [
    'run',
    `${running.api.base}/api/v1/openapi.json`,
    `--header=Authorization: Bearer ${token}`,
    `--checks=${CHECKS}`,
    `--max-examples=${examples}`,
    // Messages of a trace are waited for, for as long as is asked.
    '--request-timeout=40',
    '--phases=examples,coverage,fuzzing',
    // A part that is away is told as 503, which is described.
    ...LEFT_OUT.map((id) => `--exclude-operation-id=${id}`),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
await running.stop();
await rm(dataDir, { recursive: true, force: true });
process.exitCode = status ?? 1;
