// The user's main module: its exports and the env that its code gets.

import { host, on } from "../kernel.ts";
import { setFlags } from "../flags.ts";
import { type BindingConfig, makeEnv } from "./bindings.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Tells Go what the main module exports: name, and whether it is a class or an object. */
    "worker.exports"(json: string): void;
  }
  interface Events {
    /** Before the main module is evaluated. */
    "worker.configure": [config: WorkerConfig];
    /** After it: its namespace. */
    "worker.loaded": [namespace: Record<string, unknown>];
  }
}

interface WorkerConfig {
  flags: string[];
  env: BindingConfig[];
}

/** The main module, once it is loaded. */
export const entry: { exports: Record<string, unknown>; env: Record<string, unknown> } = { exports: {}, env: {} };

on("worker.configure", ({ flags, env }) => {
  setFlags(flags);
  entry.env = makeEnv(env);
});

on("worker.loaded", (namespace) => {
  const kinds: Record<string, string> = {};
  for (const [name, value] of Object.entries(namespace)) {
    entry.exports[name] = value;
    if (typeof value !== "function" && (typeof value !== "object" || value === null)) {
      throw new TypeError(
        `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`,
      );
    }
    kinds[name] = typeof value;
  }
  host["worker.exports"](JSON.stringify(kinds));
});
