/** Puts values among the globals as the web platform has them: not enumerable. */
export function defineGlobals(values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** Names a class for Object.prototype.toString. */
export function tag(type: { prototype: object }, name: string): void {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** Makes members of a class enumerable, as those of Web IDL interfaces are. */
export function enumerable(type: { prototype: object }, ...names: string[]): void {
  for (const name of names) Object.defineProperty(type.prototype, name, { enumerable: true });
}
