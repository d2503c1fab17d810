// `env` and `exports` of cloudflare:workers: what handlers get as parameters, for all other code.

import { asyncContext } from "../async_context.ts";
import { flag } from "../flags.ts";
import { entry } from "./entry.ts";
import { ownExports } from "./exports.ts";

type Values = Record<PropertyKey, unknown>;

/** One of the two: a value of the Worker, in whose place a flow of the program can have its own. */
class Importable {
  readonly #base: () => Values;

  constructor(base: () => Values) {
    this.#base = base;
  }

  /** What holds here; undefined if that is nothing. */
  current(): Values | undefined {
    const { values } = asyncContext.current();
    if (values.has(this)) {
      const own = values.get(this);
      if (typeof own === "object" && own !== null) return own as Values;
      if (flag("env_module_nullable_support") && (own === null || own === undefined)) return undefined;
    }
    return flag("disallow_importable_env") ? undefined : this.#base();
  }

  /** Runs code, and all that it starts, with another value. */
  with<R>(value: unknown, work: () => R): R {
    asyncContext.start();
    return asyncContext.with(this, value, work);
  }
}

function checkFunction(work: unknown, method: string, n: number): void {
  if (typeof work !== "function") {
    throw new TypeError(`Failed to execute '${method}' on 'EnvModule': parameter ${n} is not of type 'function'.`);
  }
}

const envs = new Importable(() => entry.env);
const exporteds = new Importable(ownExports);

// An import is bound to one object for good, so that object looks for the one that is meant.
const reading = (importable: Importable): ProxyHandler<object> => ({
  get: (_, key) => importable.current()?.[key],
  has: (_, key) => Reflect.has(importable.current() ?? {}, key),
  ownKeys: () => Reflect.ownKeys(importable.current() ?? {}),
  getOwnPropertyDescriptor(_, key) {
    const found = Reflect.getOwnPropertyDescriptor(importable.current() ?? {}, key);
    // A proxy may call only those properties fixed that its target has.
    return found && { ...found, configurable: true };
  },
});

// Where there is no env, what is written is lost.
const writing: ProxyHandler<object> = {
  set: (_, key, value) => Reflect.set(envs.current() ?? {}, key, value),
  deleteProperty: (_, key) => Reflect.deleteProperty(envs.current() ?? {}, key),
  defineProperty: (_, key, to) => Reflect.defineProperty(envs.current() ?? {}, key, to),
};

/**
 * The bindings, outside of handlers too. What is written changes the env that holds where it is written.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global
 */
export const env = new Proxy({}, { ...reading(envs), ...writing });

/**
 * What ctx.exports has, outside of handlers too.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/context/#exports
 */
export const exports = new Proxy({}, reading(exporteds));

/**
 * Runs code with another env.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/#overriding-env-values
 */
export function withEnv<R>(value: unknown, work: () => R): R {
  checkFunction(work, "withEnv", 2);
  return envs.with(value, work);
}

/** Runs code with other exports, as withEnv does with another env. */
export function withExports<R>(value: unknown, work: () => R): R {
  checkFunction(work, "withExports", 2);
  return exporteds.with(value, work);
}

/** Runs code with another env and other exports. */
export function withEnvAndExports<R>(env: unknown, exports: unknown, work: () => R): R {
  checkFunction(work, "withEnvAndExports", 3);
  return envs.with(env, () => exporteds.with(exports, work));
}
