// The user's main module: its exports and the env that its code gets.

import { configureNode } from "../node/globals.ts";
import { traceLogs } from "../console/index.ts";
import { defineGlobals } from "../globals.ts";
import { host, on } from "../kernel.ts";
import { setFlags } from "../flags.ts";
import { configureServiceStubs } from "../rpc/service_stub.ts";
import { type BindingConfig, makeEnv } from "./bindings.ts";
import { afterStart, beforeStart } from "./codegen.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Tells Go what the main module exports: by name, whether it is a class and has a test handler. */
    "worker.exports"(json: string): void;
    /** Collects garbage when the next object is made. */
    "worker.collect"(): void;
  }
  interface Events {
    /** Before the main module is evaluated. */
    "worker.configure": [config: WorkerConfig];
    /** After it: its namespace. */
    "worker.loaded": [namespace: Record<string, unknown>];
  }
}

interface WorkerConfig {
  /** The compatibility flags that are on, and all that there are. */
  flags: string[];
  knownFlags: string[];
  env: BindingConfig[];
  /** The Durable Object classes that the Worker declares, with the numbers of their namespaces. */
  classes: Record<string, number>;
  /** Tail Workers want to see what is logged. */
  traced: boolean;
  /** Gives the program a global gc(), as test runs of workerd's do. */
  exposeGC: boolean;
}

interface Entry {
  exports: Record<string, unknown>;
  env: Record<string, unknown>;
  classes: Record<string, number>;
  /** Tells whether the main module has been evaluated. */
  loaded: boolean;
}

/** The main module, once it is loaded. */
export const entry: Entry = { exports: {}, env: {}, classes: {}, loaded: false };

on("worker.configure", ({ flags, knownFlags, env, classes, traced, exposeGC }) => {
  setFlags(flags, knownFlags);
  configureServiceStubs();
  traceLogs(traced);
  beforeStart();
  configureNode(env);
  entry.env = makeEnv(env);
  entry.classes = classes;
  if (exposeGC) {
    defineGlobals({
      gc: () => {
        host["worker.collect"]();
        return void {};
      },
    });
  }
});

on("worker.loaded", (namespace) => {
  afterStart();
  const kinds: Record<string, { class: boolean; test: boolean }> = {};
  for (const [name, value] of Object.entries(namespace)) {
    entry.exports[name] = value;
    if (typeof value !== "function" && (typeof value !== "object" || value === null)) {
      throw new TypeError(
        `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`,
      );
    }
    const handlers = (typeof value === "function" ? value.prototype : value) as Record<string, unknown> | undefined;
    kinds[name] = { class: typeof value === "function", test: typeof handlers?.["test"] === "function" };
  }
  entry.loaded = true;
  host["worker.exports"](JSON.stringify(kinds));
});
