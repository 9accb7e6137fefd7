/** `0.03 USD, -1 EUR`; `0` where there is none. */
export function money(
  sums: readonly { readonly amount: string; readonly currency: string }[],
): string {
  if (sums.length === 0) return '0';
  return sums.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
}
