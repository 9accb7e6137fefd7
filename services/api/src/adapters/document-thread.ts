/** The thread of document-text.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from '@tandem/config';
import type { DocumentJob } from './document-text.ts';
import { readText, writeYaml } from './yaml-text.ts';

stepBack(10);
const job = workerData as DocumentJob;
parentPort?.postMessage(job.kind === 'read' ? readText(job) : writeYaml(job.json));
