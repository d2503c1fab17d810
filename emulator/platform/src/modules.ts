// The built-in modules that programs can import.

import { kernel, host } from "./kernel.ts";

type Exports = Record<string, unknown>;

const modules = new Map<string, Exports>();

/** Defines a module by its exports; `default` is among them if it has one. */
export function defineModule(name: string, exports: Exports): void {
  if (modules.has(name)) throw new Error(`module ${name} is defined twice`);
  modules.set(name, exports);
}

/** Adds exports to a module. */
export function extendModule(name: string, exports: Exports): void {
  const known = modules.get(name);
  if (known === undefined) throw new Error(`module ${name} is not defined`);
  Object.assign(known, exports);
}

/** Defines a Node module, whose default export has all the names of the module too. */
export function defineNodeModule(name: string, names: Exports, whole: unknown = names): void {
  defineModule(`node:${name}`, { ...names, default: whole });
}

/** Hands all modules to Go; called when everything has been defined. */
export function finishModules(): void {
  kernel.module = (name) => modules.get(name)!;
  host["modules.define"](
    JSON.stringify(Object.fromEntries([...modules].map(([name, exports]) => [name, Object.keys(exports)]))),
  );
}
