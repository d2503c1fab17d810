// Which class of the engine an object has: what decides how V8 writes it. Prototypes and
// Symbol.toStringTag do not, since a program can give any object any of them.

import { host } from "../kernel.ts";

declare module "../kernel.ts" {
  interface Host {
    /** The engine's number for an object's class; proxies have one of their own. */
    "serialize.class"(object: object): number;
  }
}

const classOf = host["serialize.class"];

export type Kind =
  | "array" | "boxed" | "buffer" | "date" | "error" | "map" | "plain" | "proxy" | "regexp" | "set" | "view" | "other";

const kinds: Kind[] = [];
function learn(kind: Kind, ...examples: object[]): void {
  for (const example of examples) kinds[classOf(example)] = kind;
}

// The numbers are the engine's own affair: they are learnt from an object of each class.
learn("plain", {}, Math, JSON);
learn("array", []);
learn("boxed", Object(true), Object(1), Object("s"), Object(1n));
learn("date", new Date(0));
learn("regexp", /r/);
learn("map", new Map());
learn("set", new Set());
learn("error", new Error());
learn("buffer", new ArrayBuffer(0));
learn("view", new DataView(new ArrayBuffer(0)));
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const type = (globalThis as unknown as Record<string, { BYTES_PER_ELEMENT?: number } & (new (n: number) => object)>)[name];
  if (typeof type === "function" && type.BYTES_PER_ELEMENT !== undefined) learn("view", new type(0));
}
learn("proxy", new Proxy({}, {}));

/** How an object is written. */
export const kindOf = (object: object): Kind => kinds[classOf(object)] ?? "other";
