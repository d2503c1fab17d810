// https://nodejs.org/api/timers.html, as far as workerd has it.

import { checkObject, checkSignal, checkType } from "./checks.ts";

type Callback = (...args: unknown[]) => unknown;

// Programs can replace the globals; the timers here stay those of the platform.
const start = { timeout: globalThis.setTimeout, interval: globalThis.setInterval, immediate: globalThis.setImmediate };
const stop = (globalThis as unknown as { clearTimeout(id: number): void }).clearTimeout;

let stopTimeout: (timeout: Timeout) => void;

/**
 * A timer that can begin anew. That one is not referred to keeps no Worker from ending, so ref() and
 * unref() only remember what was asked for.
 *
 * https://nodejs.org/api/timers.html#class-timeout
 */
class Timeout {
  readonly #begin: () => number;
  #id: number;
  #referred: boolean;

  static {
    stopTimeout = (timeout) => stop(timeout.#id);
  }

  constructor(callback: Callback, after: number | undefined, args: unknown[], repeat: boolean, referred = true) {
    const set = repeat ? start.interval : start.timeout;
    this.#begin = () => set(callback, after ?? 1, ...args);
    this.#referred = referred;
    this.#id = this.#begin();
  }

  refresh(): this {
    stop(this.#id);
    this.#id = this.#begin();
    return this;
  }
  ref(): this {
    this.#referred = true;
    return this;
  }
  unref(): this {
    this.#referred = false;
    return this;
  }
  hasRef(): boolean {
    return this.#referred;
  }
  close(): this {
    stop(this.#id);
    return this;
  }
  [Symbol.dispose](): void {
    stop(this.#id);
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

function setTimeout(callback: Callback, after?: number, ...args: unknown[]): Timeout {
  checkType(callback, "callback", "function");
  return new Timeout(callback, after, args, false);
}

function setInterval(callback: Callback, after?: number, ...args: unknown[]): Timeout {
  checkType(callback, "callback", "function");
  return new Timeout(callback, after, args, true);
}

function clear(timer: unknown): void {
  if (timer instanceof Timeout) stopTimeout(timer);
  else if (typeof timer === "number") stop(timer);
}

interface Options {
  signal?: AbortSignal;
  ref?: boolean;
}

const aborted = (signal: AbortSignal): Error =>
  Object.assign(new Error("The operation was aborted", { cause: signal.reason }), { name: "AbortError", code: "ABORT_ERR" });

function check(options: Options): AbortSignal | undefined {
  checkObject(options, "options");
  const { signal, ref } = options;
  if (signal !== undefined) checkSignal(signal, "options.signal");
  if (ref !== undefined) checkType(ref, "options.ref", "boolean");
  if (signal?.aborted) throw aborted(signal);
  return signal;
}

// A promise of a value that a timer settles, or the signal before it.
function settle<T>(begin: (done: () => void) => number, value: T, signal: AbortSignal | undefined): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const cancel = (): void => {
    stop(id);
    reject(aborted(signal!));
  };
  const id = begin(() => {
    signal?.removeEventListener("abort", cancel);
    resolve(value);
  });
  signal?.addEventListener("abort", cancel, { once: true });
  return promise;
}

/** https://nodejs.org/api/timers.html#timers-promises-api */
const promises = {
  async setTimeout<T>(after?: number, value?: T, options: Options = {}): Promise<T | undefined> {
    if (after !== undefined) checkType(after, "delay", "number");
    return settle((done) => start.timeout(done, after ?? 1), value, check(options));
  },

  async setImmediate<T>(value?: T, options: Options = {}): Promise<T | undefined> {
    return settle((done) => start.immediate(done), value, check(options));
  },

  async *setInterval<T>(after?: number, value?: T, options: Options = {}): AsyncGenerator<T | undefined> {
    if (after !== undefined) checkType(after, "delay", "number");
    const signal = check(options);
    // How often it has fired since the loop asked last; the loop waits for more with wake.
    let fired = 0;
    let wake = (): void => {};
    const cancel = (): void => wake();
    const timer = new Timeout(() => (fired++, wake()), after, [], true, options.ref);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        if (fired === 0 && !signal?.aborted) await new Promise<void>((resolve) => (wake = resolve));
        if (signal?.aborted) throw aborted(signal);
        for (; fired > 0; fired--) yield value;
      }
    } finally {
      stopTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    }
  },

  scheduler: {
    wait: (after: number, options?: { signal?: AbortSignal }): Promise<void> => scheduler.wait(after, options),
    yield: (): Promise<void> => promises.setImmediate(),
  },
};

export const timersPromises = promises;

export const timers = {
  setTimeout,
  clearTimeout: clear,
  setInterval,
  clearInterval: clear,
  setImmediate: start.immediate,
  clearImmediate: stop,
  promises,
  // These are deprecated in Node; what enroll did cannot be done here.
  active(timer: unknown): void {
    if (timer instanceof Timeout) timer.refresh();
  },
  unenroll: clear,
  enroll(): never {
    throw new Error("Not implemented. Please use setTimeout() instead.");
  },
};
