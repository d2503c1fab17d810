/** Puts values among the globals as the web platform has them: not enumerable. */
export function defineGlobals(values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "function") rename(value, name);
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

// Bundled into one scope, a class that shares its name with a global has another one.
function rename(value: object, name: string): void {
  if ((value as { name?: unknown }).name !== name) Object.defineProperty(value, "name", { value: name, configurable: true });
}

const notSerializable = new WeakMap<object, string>();

/** That a type has no serialized form, as workerd says it. */
export const noSupport = (name: string): string =>
  `Could not serialize object of type "${name}". This type does not support serialization.`;

// By this symbol workerd tells its own classes from a program's.
const ownClass = Symbol.for("cloudflare:internal-class");

/** Names a class, for Object.prototype.toString by its tag; its objects cannot be serialized. */
export function tag(type: { prototype: object }, name: string, className = name): void {
  rename(type, className);
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(type.prototype, ownClass, { value: ownClass });
  refuse(type, noSupport(name));
}

/** Says why objects of a class cannot be serialized: they are more than their properties. */
export function refuse(type: { prototype: object }, why: string): void {
  notSerializable.set(type.prototype, why);
}

/** Why an object cannot be serialized, if it is of a class that cannot, or of one that extends it. */
export function refusal(value: object): string | undefined {
  const proto = Object.getPrototypeOf(value) as object | null;
  for (let o = proto; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    const why = notSerializable.get(o);
    if (why === undefined) continue;
    const extended = Object.getOwnPropertyDescriptor(proto, "constructor")?.value as { name?: string } | undefined;
    return o === proto || extended?.name === undefined || !why.startsWith("Could not") ? why : noSupport(extended.name);
  }
  return undefined;
}

/** Makes members of a class enumerable, as those of Web IDL interfaces are. */
export function enumerable(type: { prototype: object }, ...names: string[]): void {
  for (const name of names) Object.defineProperty(type.prototype, name, { enumerable: true });
}

// The engine lacks the symbols of explicit resource management.
for (const name of ["dispose", "asyncDispose"] as const) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}
