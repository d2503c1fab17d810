// The compatibility flags of the Worker, from its compatibility_date and compatibility_flags.

const enabled = new Set<string>();
let all: Readonly<Record<string, boolean>> | undefined;
let known: readonly string[] = [];

/** Tells whether a compatibility flag is on. Only the platform's Go side sets them, before user code. */
export const flag = (name: string): boolean => enabled.has(name);

/** Sets the flags that are on, of those that there are. */
export function setFlags(names: readonly string[], among: readonly string[] = names): void {
  enabled.clear();
  for (const name of names) enabled.add(name);
  known = among;
  all = undefined;
}

/** What Cloudflare.compatibilityFlags is: whether each flag is on, by the name that switches it on. */
export const flags = (): Readonly<Record<string, boolean>> =>
  (all ??= Object.freeze(
    Object.assign(Object.create(null) as Record<string, boolean>, Object.fromEntries(known.map((name) => [name, enabled.has(name)]))),
  ));
