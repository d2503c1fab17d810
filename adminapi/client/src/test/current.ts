// The world that a test means when it says env or SELF: its own, or that of its file or of the run.

import { AsyncLocalStorage } from "node:async_hooks";
import type { World } from "../world.js";

interface State {
  /** What runs in a test finds the test's world, concurrent ones too. */
  worlds: AsyncLocalStorage<World>;
  shared: World | undefined;
}

// Kept with the process: test runners may load this module more than once.
const place = Symbol.for("doemu.test.worlds");
const state = ((globalThis as Record<symbol, unknown>)[place] ??= {
  worlds: new AsyncLocalStorage<World>(), shared: undefined,
}) as State;

/** The world of the code that asks. */
export function currentWorld(): World {
  const world = state.worlds.getStore() ?? state.shared;
  if (world === undefined) {
    throw new Error(
      "There is no world here. doemu/test works in tests and their beforeEach and afterEach, where the plugin of doemu/vitest gives " +
        'each test its world; with isolate: "file" or "run" everywhere in a test file; and elsewhere after useWorld(world).',
    );
  }
  return world;
}

/** Calls a function whose env, SELF and clock are those of a world. */
export const runInWorld = <T>(world: World, work: () => T): T => state.worlds.run(world, work);

/** Makes a world that of all code that runs in no world of its own; undefined for none. */
export function useWorld(world: World | undefined): void {
  state.shared = world;
}

/** An object whose members are those of another one, which is asked for each time. */
export function forwarding<T extends object>(to: () => T): T {
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(to(), key) as unknown,
    set: (_, key, value) => Reflect.set(to(), key, value),
    has: (_, key) => Reflect.has(to(), key),
    ownKeys: () => Reflect.ownKeys(to()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(to(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

/** The same for an object of a class, whose methods need their own this. */
export function forwardingMethods<T extends object>(to: () => T): T {
  return new Proxy({} as T, {
    get(_, key) {
      const target = to();
      const value = Reflect.get(target, key) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
