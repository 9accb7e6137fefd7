import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { parseMessage, SipParseError } from '../../src/index.ts';
import { readTorture } from '../fixtures/torture/read-torture.ts';
import { tortureCases } from '../fixtures/torture/torture.ts';
import { orParseError, readEverything } from './read-everything.ts';

const fuzzMs = 10_000;
const corpus = tortureCases.map(({ name }) => readTorture(name));

function parseAndRead(datagram: Buffer): void {
  orParseError(() => {
    readEverything(parseMessage(datagram));
  });
}

test('CALL-02 each corpus message cut at every byte is a message or a parse error', () => {
  for (const message of corpus) {
    for (let length = 0; length < message.length; length++) {
      parseAndRead(message.subarray(0, length));
    }
  }
});

test('CALL-02 ten seconds of mutated messages end in messages and parse errors only', () => {
  const random = randomNumbers('tandem');
  const until = performance.now() + fuzzMs;
  let rounds = 0;
  let broken = 0;
  while (performance.now() < until) {
    const mutant = mutate(pick(corpus, random), random);
    try {
      readEverything(parseMessage(mutant));
    } catch (error) {
      if (!(error instanceof SipParseError)) {
        assert.fail(`round ${String(rounds)}, ${mutant.toString('base64')}: ${String(error)}`);
      }
      broken++;
    }
    rounds++;
  }
  // Both kinds must be common, or the mutations say nothing.
  assert(
    rounds > 1_000 && broken > rounds / 50 && broken < rounds * 0.98,
    `${String(broken)} of ${String(rounds)}`,
  );
});

/** Numbers below `limit`, the same in every run. */
type Random = (limit: number) => number;

function randomNumbers(seed: string): Random {
  let block = createHash('sha256').update(seed).digest();
  let at = 0;
  return (limit) => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(block).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32LE(at - 4) % limit;
  };
}

// What the grammar turns on, and what other parsers have stumbled over.
const pieces = [
  ...[' ', '\t', '\r', '\n', '\r\n', '\r\n ', '\r\n\r\n', '\0', ':', ';', ',', '=', '?', '&', '@'],
  ...[
    '<',
    '>',
    '"',
    '\\',
    '\\"',
    '%',
    '%00',
    '%zz',
    '[',
    ']',
    '::',
    '/',
    '*',
    '-1',
    '\xff',
    '\xa0',
  ],
  ...[
    '4294967296',
    '99999999999999999999',
    'SIP/2.0',
    'sip:',
    'sips:',
    'tel:',
    'Via:',
    'v:',
    'Via',
  ],
  ...['Content-Length: 7\r\n', 'l:\r\n', 'From: ', 'CSeq: 1 ACK\r\n', '__proto__', 'constructor'],
].map((piece) => Buffer.from(piece, 'latin1'));

function mutate(message: Buffer, random: Random): Buffer {
  let mutant: Buffer = message;
  for (let times = random(4); times >= 0; times--) {
    mutant = mutateOnce(mutant, random);
  }
  return mutant;
}

function mutateOnce(message: Buffer, random: Random): Buffer {
  const at = random(message.length + 1);
  const length = random(24);
  const before = message.subarray(0, at);
  switch (random(6)) {
    case 0:
      return Buffer.concat([before, message.subarray(at + length)]);
    case 1:
      return Buffer.concat([before, pick(pieces, random), message.subarray(at)]);
    case 2:
      return Buffer.concat([before, pick(pieces, random), message.subarray(at + length)]);
    case 3:
      return Buffer.concat([before, Buffer.from([random(256)]), message.subarray(at + 1)]);
    case 4: {
      const other = pick(corpus, random);
      return Buffer.concat([before, other.subarray(random(other.length))]);
    }
    default:
      return Buffer.concat([before, message.subarray(at, at + length), message.subarray(at)]);
  }
}

function pick<T>(from: readonly T[], random: Random): T {
  const picked = from[random(from.length)];
  assert(picked !== undefined);
  return picked;
}
