import { after } from 'node:test';
import { redisForTest } from '@tandem/testing';
import { RedisOutboundStore } from '../../src/adapters/redis-outbound-store.ts';
import { outboundStoreContract } from '../outbound-store-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

outboundStoreContract('redis', () => {
  opened += 1;
  return Promise.resolve(new RedisOutboundStore(redis, `${prefix}-${String(opened)}`));
});
