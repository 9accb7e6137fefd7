import type { PaymentPlace } from '../ports.ts';

export function writePaymentCursor({ at, account, reference }: PaymentPlace): string {
  return Buffer.from(JSON.stringify([at, account, reference])).toString('base64url');
}

/** Reads what `writePaymentCursor` wrote; undefined where the text is no cursor. */
export function readPaymentCursor(text: string): PaymentPlace | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [at, account, reference] = parts as readonly unknown[];
  if (typeof at !== 'string' || !/^\d{1,20}$/.test(at)) return undefined;
  if (typeof account !== 'string' || typeof reference !== 'string') return undefined;
  if (account.includes('\0') || reference.includes('\0')) return undefined;
  return { at, account, reference };
}
