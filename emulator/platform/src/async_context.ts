// The context that AsyncLocalStorage keeps its values in. The engine carries it through promises and
// await (emulator/isolate/context.go), timers and sections carry it themselves. A heap whose program
// never makes an AsyncLocalStorage has only the empty context, and pays nothing.

import { host } from "./kernel.ts";

declare module "./kernel.ts" {
  interface Host {
    /** From now on the engine asks these functions where a promise is about to run code later. */
    "context.carry"(
      carry: (callback: Callback) => Callback,
      note: (promise: Promise<unknown>) => void,
      imports: (job: number) => void,
    ): void;
  }
}

type Callback = (this: unknown, ...args: unknown[]) => unknown;

/** What belongs to a flow of asynchronous code. It never changes: to add a value makes another. */
export interface Context {
  readonly values: ReadonlyMap<object, unknown>;
  /** Stands for the request that the flow serves; undefined outside of any, and in objects. */
  readonly request: object | undefined;
}

const { apply } = Reflect;
const empty: Context = { values: new Map(), request: undefined };

let current = empty;
let carrying = false;

// Where promises were rejected: the listeners of unhandledrejection run there.
const rejectedIn = new WeakMap<Promise<unknown>, Context>();

function within<R>(context: Context, work: () => R): R {
  const before = current;
  current = context;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** A function that calls another in the context of now. */
function wrap<F extends Callback>(callback: F): F {
  const context = current;
  if (context === empty) return callback;
  return function (this: unknown, ...args: unknown[]) {
    const before = current;
    current = context;
    try {
      return apply(callback, this, args) as unknown;
    } finally {
      current = before;
    }
  } as F;
}

// The contexts in which import() was called, by numbers that the engine gives, until it evaluates its
// module in a job of its own.
const importing = new Map<number, Context>();
let outsideImport = empty;

function imports(job: number): void {
  if (job > 0) {
    importing.set(job, current);
  } else if (job < 0) {
    outsideImport = current;
    current = importing.get(-job) ?? empty;
    importing.delete(-job);
  } else {
    current = outsideImport;
  }
}

export const asyncContext = {
  current: (): Context => current,
  within,
  wrap,

  /** Makes promises carry contexts, from now on and in all heaps that are made of this one. */
  start(): void {
    if (carrying) return;
    carrying = true;
    host["context.carry"](wrap, (promise) => {
      if (current !== empty) rejectedIn.set(promise, current);
    }, imports);
  },

  /** Runs work with one value more. */
  with<R>(key: object, value: unknown, work: () => R): R {
    return within({ values: new Map(current.values).set(key, value), request: current.request }, work);
  },

  /** Runs work that belongs to no flow of the program. */
  outside: <R>(work: () => R): R => within(empty, work),

  /** Runs a handler as the beginning of a request. */
  request<R>(work: () => R): R {
    return carrying ? within({ values: empty.values, request: {} }, work) : work();
  },

  /** The context in which a promise was rejected. */
  ofRejection: (promise: Promise<unknown>): Context => rejectedIn.get(promise) ?? empty,
};
