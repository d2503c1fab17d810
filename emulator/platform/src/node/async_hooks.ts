// https://developers.cloudflare.com/workers/runtime-apis/nodejs/asynclocalstorage/

import { asyncContext, type Context } from "../async_context.ts";
import { flag } from "../flags.ts";
import { tag } from "../globals.ts";

type Callback = (this: unknown, ...args: unknown[]) => unknown;
type Bound<F> = F & { asyncResource: AsyncResource };

const wrongType = (what: string, type: string): TypeError => new TypeError(`Failed to ${what} is not of type '${type}'.`);

function checkFunction(value: unknown, method: string, className: string, n: number, type = "function"): void {
  if (typeof value !== "function") throw wrongType(`execute '${method}' on '${className}': parameter ${n}`, type);
}

// Runs code with the values of a context. What was captured in a request can be used in that one only;
// what belongs to no request, in all.
function enter(values: Context["values"]): <R>(work: () => R) => R {
  const { request } = asyncContext.current();
  const origin = flag("bind_asynclocalstorage_snapshot_to_request") ? request : undefined;
  return (work) => {
    const { request: now } = asyncContext.current();
    if (origin !== undefined && origin !== now) {
      throw new Error("Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.");
    }
    return asyncContext.within({ values, request: now }, work);
  };
}

function bind<F extends Callback>(callback: F, values: Context["values"], self: unknown): F {
  const inside = enter(values);
  return ((...args: unknown[]) => inside(() => callback.apply(self, args))) as F;
}

/** A value that follows the flow of asynchronous code. */
export class AsyncLocalStorage<T = unknown> {
  readonly #fallback: T | undefined;
  readonly #name: string;

  constructor(options?: { defaultValue?: T; name?: string }) {
    if (options !== undefined && options !== null && typeof options !== "object") {
      throw wrongType("construct 'AsyncLocalStorage': constructor parameter 1", "AsyncLocalStorageOptions");
    }
    asyncContext.start();
    this.#fallback = options?.defaultValue;
    this.#name = options?.name === undefined ? "" : `${options.name}`;
  }

  get name(): string {
    return this.#name;
  }

  run<R>(store: T, callback: (...args: unknown[]) => R, ...args: unknown[]): R {
    if (arguments.length === 0) throw wrongType("execute 'run' on 'AsyncLocalStorage': parameter 1", "Value");
    checkFunction(callback, "run", "AsyncLocalStorage", 2);
    return asyncContext.with(this, store, () => callback.apply(globalThis, args));
  }
  exit<R>(callback: (...args: unknown[]) => R, ...args: unknown[]): R {
    checkFunction(callback, "exit", "AsyncLocalStorage", 1);
    return asyncContext.with(this, undefined, () => callback.apply(globalThis, args));
  }
  getStore(): T | undefined {
    const { values } = asyncContext.current();
    return values.has(this) ? (values.get(this) as T) : this.#fallback;
  }
  enterWith(_store: T): never {
    throw new Error("asyncLocalStorage.enterWith() is not implemented");
  }
  disable(): never {
    throw new Error("asyncLocalStorage.disable() is not implemented");
  }

  /** A function that runs others with the values of now. */
  static snapshot(): (callback: Callback, ...args: unknown[]) => unknown {
    const inside = enter(asyncContext.current().values);
    return (callback, ...args) =>
      inside(() => {
        if (typeof callback !== "function") throw new TypeError("The first argument must be a function");
        return callback.apply(globalThis, args);
      });
  }
  /** A function that runs another with the values of now. */
  static bind<F extends Callback>(callback: F): F {
    checkFunction(callback, "bind", "AsyncLocalStorage", 1, "Function");
    return bind(callback, asyncContext.current().values, globalThis);
  }
}
tag(AsyncLocalStorage, "AsyncLocalStorage");

/** https://developers.cloudflare.com/workers/runtime-apis/nodejs/asynclocalstorage/#asyncresource */
export class AsyncResource {
  readonly #context: Context;

  constructor(_type?: string, options?: { triggerAsyncId?: number }) {
    asyncContext.start();
    if (options?.triggerAsyncId !== undefined) {
      throw new Error("The 'triggerAsyncId' field on 'Options' is not implemented.");
    }
    this.#context = asyncContext.current();
  }

  runInAsyncScope<R>(callback: (...args: unknown[]) => R, self?: unknown, ...args: unknown[]): R {
    checkFunction(callback, "runInAsyncScope", "AsyncResource", 1);
    const { request } = asyncContext.current();
    return asyncContext.within({ values: this.#context.values, request }, () => callback.apply(self === undefined ? globalThis : self, args));
  }
  bind<F extends Callback>(callback: F, self?: unknown): Bound<F> {
    checkFunction(callback, "bind", "AsyncResource", 1, "Function");
    return Object.assign(bind(callback, this.#context.values, self === undefined ? globalThis : self), { asyncResource: this });
  }
  static bind<F extends Callback>(callback: F, type?: string, self?: unknown): Bound<F> {
    return new AsyncResource(type).bind(callback, self);
  }

  // workerd numbers no resources, and keeps no account of how long they live.
  asyncId(): number {
    return 0;
  }
  triggerAsyncId(): number {
    return 0;
  }
  emitDestroy(): void {}
}
tag(AsyncResource, "AsyncResource");

class AsyncHook {
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

// Nothing is reported of asynchronous operations; what asks for it gets what says so, as in workerd.
export const createHook = (): AsyncHook => new AsyncHook();
export const executionAsyncId = (): number => 0;
export const triggerAsyncId = (): number => 0;
export const executionAsyncResource = (): object => Object.create(null) as object;
