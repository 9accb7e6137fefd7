import { MemoryOutboundStore } from '../../src/adapters/memory-outbound-store.ts';
import { outboundStoreContract } from '../outbound-store-contract.ts';

outboundStoreContract('memory', () => Promise.resolve(new MemoryOutboundStore(Date.now)));
