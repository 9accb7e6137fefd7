/**
 * What `helm test` runs: an edge tests its network and, where CALL_NUMBER is set, a call is made and its CDR awaited.
 * Ends with 1 where something is not as it should be, and says what.
 */
import { readFileSync } from 'node:fs';
import { makeFirstCall, testNetwork } from './first-call.ts';

const { env } = process;
const api = {
  url: env['TANDEM_API'] ?? 'http://127.0.0.1:8080',
  token: readFileSync(env['TANDEM_TOKEN_FILE'] ?? '.tandem/api-token', 'utf8').trim(),
};

try {
  const { edge, findings } = await testNetwork(api);
  for (const { transport, target, text } of findings) {
    console.log(`network of ${edge}, ${transport} ${target}: ${text}`);
  }
  if (findings.some(({ leadsHere }) => leadsHere === 'no')) {
    throw new Error('an advertised address does not lead to the switch');
  }
  const number = env['CALL_NUMBER'] ?? '';
  if (number !== '') {
    const cdr = await makeFirstCall(api, {
      address: env['CALL_ADDRESS'] ?? '127.0.0.1',
      target: env['CALL_TARGET'] ?? '127.0.0.1:5060',
      number,
      username: env['CALL_USERNAME'] ?? '',
      password: readFileSync(env['CALL_PASSWORD_FILE'] ?? '', 'utf8').trim(),
    });
    console.log(`call to ${number}: ${JSON.stringify(cdr)}`);
    if (cdr.code !== 200) throw new Error(`its CDR says ${String(cdr.code)} ${cdr.reason}`);
  }
  console.log('the switch takes calls');
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
