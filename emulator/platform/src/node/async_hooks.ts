import { asyncContext } from "./context.ts";

/**
 * A value that follows the flow of asynchronous code.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/nodejs/asynclocalstorage/
 */
export class AsyncLocalStorage<T = unknown> {
  run<R>(store: T, callback: (...args: unknown[]) => R, ...args: unknown[]): R {
    return asyncContext.with(this, store, () => callback(...args));
  }
  exit<R>(callback: (...args: unknown[]) => R, ...args: unknown[]): R {
    return asyncContext.with(this, undefined, () => callback(...args));
  }
  getStore(): T | undefined {
    return asyncContext.get(this) as T | undefined;
  }
  enterWith(_store: T): never {
    throw new Error("asyncLocalStorage.enterWith() is not implemented");
  }
  disable(): never {
    throw new Error("asyncLocalStorage.disable() is not implemented");
  }
  /** A function that runs others in the context of now. */
  static snapshot(): (callback: (...args: unknown[]) => unknown, ...args: unknown[]) => unknown {
    const context = asyncContext.current();
    return (callback, ...args) => asyncContext.within(context, () => callback(...args));
  }
  static bind<F extends (...args: never[]) => unknown>(callback: F): F {
    return asyncContext.wrap(callback as never) as unknown as F;
  }
}

/** https://developers.cloudflare.com/workers/runtime-apis/nodejs/asynclocalstorage/#asyncresource */
export class AsyncResource {
  readonly type: string;
  readonly #context = asyncContext.current();
  constructor(type: string) {
    this.type = type;
  }
  runInAsyncScope<R>(callback: (...args: unknown[]) => R, self?: unknown, ...args: unknown[]): R {
    return asyncContext.within(this.#context, () => callback.apply(self, args));
  }
  bind<F extends (...args: unknown[]) => unknown>(callback: F): F {
    return ((...args: unknown[]) => this.runInAsyncScope(callback, undefined, ...args)) as F;
  }
  asyncId(): number {
    return 0;
  }
  triggerAsyncId(): number {
    return 0;
  }
  emitDestroy(): this {
    return this;
  }
}
