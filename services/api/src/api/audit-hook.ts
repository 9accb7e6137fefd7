import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '@tandem/service';
import type { AuditStore } from '../operator-ports.ts';
import { operationIn } from './admission.ts';
import { signedIn } from './principal.ts';
import type { RouteParts } from './route-parts.ts';

/** Reads what an operation changes, as it is at the moment; undefined where there is none. */
export type AuditReading = (request: AuditedRequest, parts: RouteParts) => Promise<unknown>;

/** What readings look at. */
export type AuditedRequest = Pick<FastifyRequest, 'params' | 'query' | 'body' | 'principal'>;

/** A value that is longer than this stands in the log by its length alone. */
const MAX_CHARACTERS = 64 * 1024;

interface Begun {
  readonly id: bigint;
  readonly reading: AuditReading | undefined;
}

/**
 * Writes every change that comes through a scope into the audit log (OPS-12): who, from where, what, before and after. It is
 * written before it is done, and where that fails it is not done.
 */
export function addAudit(
  app: FastifyInstance,
  { audit, logger, parts, readings }: {
    readonly audit: AuditStore;
    readonly logger: Logger;
    readonly parts: RouteParts;
    readonly readings: Readonly<Record<string, AuditReading>>;
  }, // prettier-ignore
): void {
  const begun = new WeakMap<FastifyRequest, Begun>();
  const read = async (reading: AuditReading | undefined, request: FastifyRequest) => {
    try {
      return textOf(await reading?.(request, parts));
    } catch (error) {
      // What is away is told by the operation itself; the log has what can be known.
      logger.debug({ err: error }, 'nothing to compare with');
      return undefined;
    }
  };

  app.addHook('preHandler', async (request) => {
    // What nobody need be signed in for tells the log itself.
    if (!isChange(request) || request.principal === undefined) return;
    const { method, name, roles } = signedIn(request);
    const operation = operationIn(request.routeOptions.schema);
    const reading = readings[operation];
    const [subject = ''] = request.url.split('?');
    const id = await audit.begin({
      at: new Date(),
      operator: name,
      role: roles.join(' '),
      method,
      address: request.ip,
      operation,
      subject: subject.replace(/^\/api\/v1/, '').slice(0, 1000),
      before: await read(reading, request),
      note: noteOf(request),
    });
    begun.set(request, { id, reading });
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const entry = begun.get(request);
    if (entry === undefined) return payload;
    begun.delete(request);
    const { statusCode: status } = reply;
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    const after = outcome === 'done' ? await read(entry.reading, request) : undefined;
    try {
      await audit.end(entry.id, { outcome, status, after });
    } catch (error) {
      // It is done, and the log says who began it.
      logger.error({ err: error, id: String(entry.id) }, 'audit entry stays open');
    }
    return payload;
  });
}

function isChange({ method, query }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return (query as { dryRun?: boolean }).dryRun !== true;
}

function noteOf({ body, query }: FastifyRequest): string {
  const { note } = query as { note?: unknown };
  if (typeof note === 'string') return note;
  const inBody = typeof body === 'object' && body !== null && 'note' in body ? body.note : '';
  return typeof inBody === 'string' ? inBody.slice(0, 1000) : '';
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = JSON.stringify(value);
  return text.length <= MAX_CHARACTERS ? text : JSON.stringify({ characters: text.length });
}
