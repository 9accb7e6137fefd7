import { MemoryHealthStore } from '../../src/adapters/memory-health-store.ts';
import { healthStoreContract } from '../health/health-store-contract.ts';

healthStoreContract('memory', () => new MemoryHealthStore(Date.now));
