// The names of Node's modules that are not here: a program may import them, and whoever uses one hears its name.

import { host } from "../kernel.ts";
import { defineModule } from "../modules.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Says which names of a module a program gets that throw when they are used, as a JSON array. */
    "modules.absent"(module: string, names: string): void;
  }
}

/** What a name stands for, as names.json has it. */
type Kind =
  | "f"
  | "c"
  | { v: string | number | boolean | null }
  | { n: string }
  | { s: string }
  | { a: string[] }
  | { o: Record<string, Kind> }
  | Record<string, never>;

type Names = Record<string, unknown>;

function missing(module: string, name: string, call: boolean): Error {
  const error = new Error(`${name}${call ? "()" : ""} of node:${module} is not available in doemu yet.`);
  return Object.assign(error, { code: "ERR_METHOD_NOT_IMPLEMENTED" });
}

// Asked for by what looks at any value: promises, JSON, the interop of bundlers.
const harmless = new Set<PropertyKey>(["then", "toJSON", "__esModule", "default", "constructor", "prototype", "name", "length"]);

function absentObject(module: string, name: string, members: Names): object {
  return new Proxy(members, {
    get(target, key, receiver): unknown {
      if (typeof key === "symbol" || key in target || harmless.has(key)) return Reflect.get(target, key, receiver) as unknown;
      throw missing(module, `${name}.${key}`, false);
    },
  });
}

// Not an arrow, and not a class: it may be called, constructed and extended.
function absentFunction(module: string, name: string): object {
  const short = name.slice(name.lastIndexOf(".") + 1);
  const refuse = function (): never {
    throw missing(module, name, true);
  };
  return Object.defineProperty(refuse, "name", { value: short, configurable: true });
}

function make(module: string, name: string, kind: Kind, note: (name: string) => void): unknown {
  if (typeof kind === "string") {
    note(name);
    return absentFunction(module, name);
  }
  if ("v" in kind) return kind.v;
  if ("n" in kind) return BigInt(kind.n!);
  if ("s" in kind) return Symbol(kind.s!);
  if ("a" in kind) return [...kind.a!];
  if (!("o" in kind)) return undefined;
  let data = true;
  const members: Names = {};
  for (const [key, member] of Object.entries(kind.o!)) {
    members[key] = make(module, `${name}.${key}`, member, () => {
      data = false;
    });
    if (typeof member === "object" && Object.keys(member).length === 0) data = false;
  }
  if (data && Object.keys(members).length > 0) return members;
  note(name);
  return absentObject(module, name, members);
}

/**
 * What a program finds in a module: what is here of it, and in the place of everything else what throws when it is
 * used. Constants have their values.
 */
function fill(module: string, here: Names, kinds: Record<string, Kind>): Names {
  const absent: string[] = [];
  const names: Names = {};
  for (const [name, kind] of Object.entries(kinds)) {
    if (name === "default") continue;
    names[name] = here[name] ?? make(module, name, kind, (missed) => absent.push(missed));
  }
  if (absent.length > 0) host["modules.absent"](module, JSON.stringify(absent));
  const whole = (here["default"] ?? (kinds["default"] === "f" ? absentFunction(module, "default") : {})) as Names;
  for (const [name, value] of Object.entries(names)) {
    if (!(name in whole)) Object.defineProperty(whole, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return { ...names, default: whole };
}

defineModule("doemu:absent", { fill });
