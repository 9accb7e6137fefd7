import { appendCommand } from './command-queue.ts';
import { authCommand, openRedisSocket } from './redis-socket.ts';
import type { RedisAccess, RedisAddress } from './redis-socket.ts';
import type { RedisReply } from './resp-reader.ts';
import { unavailable } from './script-channel.ts';
import type { CommandPart } from './script-channel.ts';

/** Sentinels that watch over a primary. */
export interface Sentinels {
  readonly addresses: readonly RedisAddress[];
  /** What they call the primary. */
  readonly name: string;
  readonly access: RedisAccess;
}

const ANSWER_LIMIT_MS = 500;

/**
 * Asks all sentinels at once where the primary is. Right after a failover some do not know yet: what those say counts
 * that have seen the most failovers.
 * @throws SwitchError SWITCH_STORE_UNAVAILABLE where none of them knows a primary of that name
 */
export async function findPrimary(sentinels: Sentinels): Promise<RedisAddress> {
  const answers = await Promise.all(
    sentinels.addresses.map((address) => askSentinel(address, sentinels).catch(() => undefined)),
  );
  let newest: Answer | undefined;
  for (const answer of answers) {
    if (answer !== undefined && answer.epoch > (newest?.epoch ?? -1)) newest = answer;
  }
  if (newest === undefined) {
    throw unavailable(`no sentinel knows a redis called "${sentinels.name}"`);
  }
  return newest.address;
}

interface Answer {
  readonly address: RedisAddress;
  /** Number of the failover that made it the primary. */
  readonly epoch: number;
}

async function askSentinel(address: RedisAddress, { name, access }: Sentinels): Promise<Answer> {
  const fields = fieldsOf(await askOnce(address, access, ['SENTINEL', 'MASTER', name]));
  const [host, port] = [fields.get('ip'), Number(fields.get('port'))];
  if (host === undefined || !Number.isInteger(port)) throw unavailable('a sentinel without answer');
  return { address: { host, port }, epoch: Number(fields.get('config-epoch') ?? 0) };
}

/** A list of names and values. */
function fieldsOf(reply: RedisReply): ReadonlyMap<string, string> {
  if (reply instanceof Error) throw reply;
  const items = Array.isArray(reply) ? reply.map(String) : [];
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < items.length; at += 2) fields.set(items[at] ?? '', items[at + 1] ?? '');
  return fields;
}

/** Asks one question over a connection of its own. */
function askOnce(
  address: RedisAddress,
  access: RedisAccess,
  question: readonly CommandPart[],
): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    const auth = authCommand(access);
    let isAuthorised = auth === undefined;
    const timer = setTimeout(() => socket.destroy(), ANSWER_LIMIT_MS);
    const socket = openRedisSocket(
      address,
      { tls: access.tls, limitMs: ANSWER_LIMIT_MS },
      {
        onOpen: () => {
          const outgoing: (string | Buffer)[] = [];
          if (auth !== undefined) appendCommand(auth, outgoing);
          appendCommand(question, outgoing);
          for (const part of outgoing) socket.write(part);
        },
        onReply: (reply) => {
          if (isAuthorised) {
            resolve(reply);
            socket.destroy();
          }
          isAuthorised = true;
        },
      },
    );
    socket.on('close', () => {
      clearTimeout(timer);
      reject(unavailable('a sentinel does not answer'));
    });
  });
}
