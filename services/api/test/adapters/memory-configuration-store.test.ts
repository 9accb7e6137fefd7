import { memoryConfigurationStore } from '../../src/adapters/memory-configuration-store.ts';
import { configurationStoreContract } from './configuration-store-contract.ts';

configurationStoreContract('memory', () => Promise.resolve(memoryConfigurationStore()));
