// ctx.exports: the Worker's own entrypoints and Durable Object namespaces, as bindings.

import { type BindingConfig, makeEnv } from "./bindings.ts";
import { entry } from "./entry.ts";
import { WorkerEntrypoint } from "./entrypoint.ts";

let made: Record<string, unknown> | undefined;

/**
 * The bindings to what the main module exports, made when they are first asked for; while it is evaluated
 * there are none.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/context/#exports
 */
export function ownExports(): Record<string, unknown> {
  if (!entry.loaded) return {};
  made ??= makeEnv(
    Object.keys(entry.exports).map((name): BindingConfig => {
      const namespace = entry.classes[name];
      if (namespace !== undefined) return { name, kind: "durable_object_namespace", namespace, exported: name } as BindingConfig;
      return { name, kind: isEntrypoint(entry.exports[name]) ? "loopback" : "actor_class", entrypoint: name } as BindingConfig;
    }),
  );
  return made;
}

// A class that extends no class of entrypoints is one of Durable Objects.
const isEntrypoint = (value: unknown): boolean => typeof value !== "function" || value.prototype instanceof WorkerEntrypoint;
