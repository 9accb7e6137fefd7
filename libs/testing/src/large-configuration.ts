/** How much of each there is. */
export interface LargeConfiguration {
  readonly gateways: number;
  /** Of all gateways together. */
  readonly prefixes: number;
  readonly phones: number;
}

/**
 * A configuration document as YAML, in the form in which an operator writes one.
 * @param priority of every gateway: with another one it is another version of the same size
 */
export function largeConfiguration(
  { gateways, prefixes, phones }: LargeConfiguration,
  priority: number,
): string {
  const each = Math.ceil(prefixes / gateways);
  const lines = [
    'realm: tandem',
    'rateGroups:',
    '  - name: standard',
    '    currency: USD',
    '    rates:',
  ];
  for (let prefix = 0; prefix < each * gateways; prefix++) {
    lines.push(`      - { prefix: '${String(10_000_000 + prefix)}', pricePerMinute: '0.0123' }`);
  }
  lines.push(
    'accounts:',
    "  - { name: demo, openingBalance: '100', currency: USD, rateGroup: standard }",
    'phones:',
  );
  for (let phone = 0; phone < phones; phone++) {
    const username = String(100_000 + phone);
    lines.push(
      `  - { username: '${username}', password: 'secret-of-${username}', account: demo, lineLimit: 2 }`,
    );
  }
  lines.push('routingGateways:');
  for (let gateway = 0; gateway < gateways; gateway++) {
    const name = `carrier-${String(gateway)}`;
    lines.push(
      `  - name: ${name}`,
      `    addresses: ['192.0.2.${String(1 + (gateway % 250))}:5060', '198.51.100.${String(1 + (gateway % 250))}:5060']`,
      '    prefixes:',
    );
    for (let prefix = 0; prefix < each; prefix++) {
      lines.push(`      - '${String(10_000_000 + gateway * each + prefix)}'`);
    }
    lines.push(
      '    prefixMode: extension',
      `    priority: ${String(priority)}`,
      '    lineLimit: 100',
      '    lock: none',
      `    username: user-${name}`,
      `    password: password-${name}`,
      '    timers: { invite: 5, ringing: 60, sessionProgress: 60 }',
    );
  }
  return `${lines.join('\n')}\n`;
}
