import type { FastifyReply } from 'fastify';

/** To a page of ours. Where it came from, with a code in it, is told to nobody. */
export function redirect(reply: FastifyReply, to: string): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .redirect(to, 303);
}
