// The compatibility flags of the Worker, from its compatibility_date and compatibility_flags.

const enabled = new Set<string>();

/** Tells whether a compatibility flag is on. Only the platform's Go side sets them, before user code. */
export const flag = (name: string): boolean => enabled.has(name);

/** Sets the flags that are on. */
export function setFlags(names: readonly string[]): void {
  enabled.clear();
  for (const name of names) enabled.add(name);
}

/** The flags that are on, by name. */
export const flags = (): Record<string, true> =>
  Object.fromEntries([...enabled].sort().map((name) => [name, true as const]));
