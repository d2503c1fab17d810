// What a Worker with nodejs_compat_v2 finds as globals.

import { flag } from "../flags.ts";
import buffer from "../vendor/buffer.js";
import type { BindingConfig } from "../worker/bindings.ts";
import { fillProcessEnv, processObject } from "./process.ts";

/** Called before a Worker's code, when its flags are known. */
export function configureNode(bindings: BindingConfig[]): void {
  if (flag("nodejs_compat_populate_process_env")) {
    const values: Record<string, string> = {};
    for (const binding of bindings as (BindingConfig & { value?: string; json?: unknown })[]) {
      if (binding.kind === "text") values[binding.name] = binding.value!;
      if (binding.kind === "json") values[binding.name] = JSON.stringify(binding.json);
    }
    fillProcessEnv(values);
  }
  if (flag("nodejs_compat_v2")) {
    const values = { process: processObject, Buffer: (buffer as { Buffer: unknown }).Buffer, global: globalThis };
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    }
  }
}
