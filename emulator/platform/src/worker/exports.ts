// ctx.exports: the Worker's own entrypoints and Durable Object namespaces, as bindings.

import { type BindingConfig, makeEnv } from "./bindings.ts";
import { entry } from "./entry.ts";

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
      return namespace === undefined
        ? ({ name, kind: "loopback", entrypoint: name } as BindingConfig)
        : ({ name, kind: "durable_object_namespace", namespace } as BindingConfig);
    }),
  );
  return made;
}
