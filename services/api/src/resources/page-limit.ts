import { z } from 'zod';

/** How many entries a page has at most. */
export const pageLimit = z.int().min(1).max(1000).default(100);
