// workerd:unsafe, with the compatibility flag unsafe_module: what tests do to the objects of their Worker.

import { flag } from "doemu-internal:platform/flags.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { defineModule } from "doemu-internal:platform/modules.ts";
import { entry } from "doemu-internal:platform/worker/entry.ts";

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** Ends an object's instance when it is idle; its WebSockets hibernate or are dropped. */
    "unsafe.evict"(namespace: number, id: string, dropSockets: boolean): Promise<void>;
    "unsafe.evictAll"(namespace: number, dropSockets: boolean): Promise<void>;
    /** Resets all objects of a namespace. */
    "unsafe.reset"(namespace: number, message: string): void;
  }
}

const stubs = new WeakMap<object, { namespace: number; hex: string }>();

/** Remembers where a stub leads to, if the program may want to evict that. */
export function evictable(stub: object, namespace: number, hex: string): object {
  if (flag("unsafe_module")) stubs.set(stub, { namespace, hex });
  return stub;
}

interface EvictOptions {
  webSockets?: "hibernate" | "close";
}

function drops({ webSockets = "hibernate" }: EvictOptions = {}): boolean {
  if (webSockets !== "hibernate" && webSockets !== "close") {
    throw new TypeError('options.webSockets must be "hibernate" or "close".');
  }
  return webSockets === "close";
}

const namespaces = (): number[] => Object.values(entry.classes);

const unsafe = {
  /** Ends the instance of the object that a stub leads to, when no event is under way. */
  async evict(stub: object, options?: EvictOptions): Promise<void> {
    const object = stubs.get(stub);
    if (object === undefined) throw new TypeError("Cannot evict: this is not a stub of a Durable Object.");
    await host["unsafe.evict"](object.namespace, object.hex, drops(options));
  },

  /** The same for all objects of the Worker that run. */
  async evictAllDurableObjects(options?: EvictOptions): Promise<void> {
    const drop = drops(options);
    await Promise.all(namespaces().map((namespace) => host["unsafe.evictAll"](namespace, drop)));
  },

  /** Resets all objects of the Worker that run. */
  async abortAllDurableObjects(): Promise<void> {
    for (const namespace of namespaces()) host["unsafe.reset"](namespace, "Application called abortAllDurableObjects().");
  },

  async deleteAllDurableObjects(): Promise<void> {
    throw new Error("deleteAllDurableObjects() of workerd:unsafe is not implemented in doemu yet.");
  },

  /** False: what workerd tries out behind its gates is not here. */
  isTestAutogateEnabled: (): boolean => false,
};

defineModule("workerd:unsafe", { default: unsafe });
