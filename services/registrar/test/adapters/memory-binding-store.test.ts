import { MemoryBindingStore } from '../../src/adapters/memory-binding-store.ts';
import { bindingStoreContract } from '../binding-store-contract.ts';
import { NOON } from '../requests.ts';

bindingStoreContract('memory', () => Promise.resolve(new MemoryBindingStore(() => NOON)));
