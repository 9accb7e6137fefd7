import { memoryAuditStore } from '../../src/adapters/memory-audit-store.ts';
import { memoryOperatorStore } from '../../src/adapters/memory-operator-store.ts';
import { auditStoreContract } from './audit-store-contract.ts';
import { operatorStoreContract } from './operator-store-contract.ts';

operatorStoreContract('memory', () => Promise.resolve(memoryOperatorStore()));
auditStoreContract('memory', () => Promise.resolve(memoryAuditStore()));
