import { z } from 'zod';

/** Money as the API gives it. */
export const amount = z.string().describe('Exact decimal.');
