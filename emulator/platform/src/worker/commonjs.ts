// The CommonJS modules of a Worker that are not bundled: each runs once, when it is first asked for.

import { flag } from "../flags.ts";
import { host } from "../kernel.ts";
import { defineModule } from "../modules.ts";

declare module "../kernel.ts" {
  interface Host {
    /** What a CommonJS module means by a specifier: the name of a module, behind "commonjs " if it is one. */
    "commonjs.resolve"(importer: string, specifier: string): string;
    "commonjs.compile"(name: string): (...args: unknown[]) => void;
    /** Evaluates another module, and gives its namespace to deliver, or returns what it threw. */
    "commonjs.import"(name: string): unknown;
  }
}

type Namespace = Record<string, unknown>;

interface Loaded {
  module: { path: string; exports: unknown };
  thrown?: { error: unknown };
}

const modules = new Map<string, Loaded>();
const namespaces = new Map<string, Namespace>();
let delivered: Namespace | undefined;

// In a circle, a module gets what the other has exported so far.
function load(name: string): unknown {
  let loaded = modules.get(name);
  if (loaded === undefined) {
    const path = `/${name}`;
    loaded = { module: { path, exports: {} } };
    modules.set(name, loaded);
    const { module } = loaded;
    const run = host["commonjs.compile"](name);
    try {
      run.call(undefined, module.exports, requireFor(name), module, path, path.slice(0, path.lastIndexOf("/")) || "/");
    } catch (error) {
      loaded.thrown = { error };
    }
  }
  if (loaded.thrown !== undefined) throw loaded.thrown.error;
  return loaded.module.exports;
}

const requireFor = (importer: string) =>
  function require(...args: unknown[]): unknown {
    if (args.length === 0) {
      throw new TypeError("Failed to execute 'require' on 'CommonJsModuleContext': parameter 1 is not of type 'string'.");
    }
    const target = host["commonjs.resolve"](importer, `${args[0]}`);
    if (target.startsWith("commonjs ")) return load(target.slice("commonjs ".length));
    const namespace = namespaceOf(target);
    if (flag("require_returns_default_export")) return "default" in namespace ? namespace["default"] : namespace;
    return flag("export_commonjs_default") ? namespace["default"] : namespace;
  };

function namespaceOf(name: string): Namespace {
  let namespace = namespaces.get(name);
  if (namespace === undefined) {
    delivered = undefined;
    const thrown = host["commonjs.import"](name);
    namespace = delivered as Namespace | undefined;
    if (namespace === undefined) throw thrown;
    namespaces.set(name, namespace);
  }
  return namespace;
}

defineModule("doemu:commonjs", {
  load,
  deliver: (namespace: Namespace): void => {
    delivered = namespace;
  },
});
