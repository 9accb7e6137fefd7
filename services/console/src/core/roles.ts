/** What operators may be (OPS-12), from the one who may do most. */
export const roles = ['administrator', 'operator', 'billing', 'read-only'] as const;

export type Role = (typeof roles)[number];

/** The role that a text names. */
export function roleNamed(text: string): Role {
  return roles.find((each) => each === text) ?? 'read-only';
}
