// The context that AsyncLocalStorage keeps its values in. It follows promises because `then` hands it
// on: the bundler turns await into then for projects that use node:async_hooks. The first value that a
// program stores puts the wrapping into place, so that others pay nothing.

type Context = ReadonlyMap<object, unknown>;
type Callback = (...args: unknown[]) => unknown;

let current: Context = new Map();
let wrapped = false;

function within<R>(context: Context, work: () => R): R {
  const before = current;
  current = context;
  try {
    return work();
  } finally {
    current = before;
  }
}

function wrap(callback: Callback): Callback {
  const context = current;
  return function (this: unknown, ...args: unknown[]) {
    return within(context, () => callback.apply(this, args));
  };
}

const carried = (value: unknown): unknown => (typeof value === "function" ? wrap(value as Callback) : value);

function follow(): void {
  wrapped = true;
  const { then } = Promise.prototype;
  Promise.prototype.then = function (this: Promise<unknown>, fulfilled?: unknown, rejected?: unknown) {
    return then.call(this, carried(fulfilled) as never, carried(rejected) as never);
  } as typeof then;
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"] as const) {
    const original = globalThis[name] as unknown as Callback;
    Object.defineProperty(globalThis, name, {
      value: (callback: unknown, ...args: unknown[]) => original(carried(callback), ...args),
      writable: true,
      configurable: true,
    });
  }
}

export const asyncContext = {
  current: (): Context => current,
  get: (key: object): unknown => current.get(key),
  within,
  wrap,
  with<R>(key: object, value: unknown, work: () => R): R {
    if (!wrapped) follow();
    return within(new Map(current).set(key, value), work);
  },
};
