/**
 * Makes the generated files that are checked in, or says which are stale:
 *
 *   node tools/generated.ts proto    libs/proto of proto/, by buf (fetched from the registry when needed)
 *   node tools/generated.ts docs     the references of docs/
 *   node tools/generated.ts check    1 and a list where a file is not what its source makes of it
 */
import { checkProto, generateProto } from './generated-proto.ts';

/** The references are made by the services themselves, which cannot be loaded before their generated messages are there. */
const docs = async () => import('./generated-docs.ts');

const stale: string[] = [];
switch (process.argv[2]) {
  case 'proto':
    generateProto();
    break;
  case 'docs':
    await (await docs()).writeDocs();
    break;
  case 'check':
    stale.push(...checkProto(), ...(await (await docs()).checkDocs()));
    for (const line of stale) console.error(line);
    process.exitCode = stale.length === 0 ? 0 : 1;
    break;
  default:
    console.error('usage: node tools/generated.ts proto|docs|check');
    process.exitCode = 2;
}
