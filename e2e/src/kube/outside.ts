/** The host outside the cluster on which peers of the switch run: addresses of its network namespace (deploy/cluster/environment). */
export const outside = {
  /** Of phone and carriers. */
  peer: '192.168.77.1',
  /** Of the trunk that is known by it. */
  trunk: '192.168.77.2',
  carrierPorts: [5070, 5071],
  /** Public address of the switch, which keepalived moves between the fronts' nodes (deploy/cluster/address.yaml). */
  sip: { address: '192.168.77.100', port: 5060 },
  /** A node whose power is never cut. */
  firstNode: '192.168.77.11',
} as const;
