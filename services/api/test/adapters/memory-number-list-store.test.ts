import { memoryNumberListStore } from '../../src/adapters/memory-number-list-store.ts';
import { numberListStoreContract } from './number-list-store-contract.ts';

numberListStoreContract('memory', () => Promise.resolve(memoryNumberListStore()));
