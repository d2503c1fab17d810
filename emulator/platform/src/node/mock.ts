// The mock functions of node:test; its runner workerd has not got either.

import { checkInteger, checkObject, checkType, invalidValue } from "./checks.ts";

type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** https://nodejs.org/api/test.html#ctxcalls */
interface Call {
  arguments: unknown[];
  error: unknown;
  result: unknown;
  stack: Error;
  target: unknown;
  this: unknown;
}

interface Options {
  times?: number;
  getter?: boolean;
  setter?: boolean;
}

let runs: (context: MockFunctionContext) => Fn;
let record: (context: MockFunctionContext, call: Call) => void;

/**
 * What a mock function knows of its calls.
 *
 * https://nodejs.org/api/test.html#class-mockfunctioncontext
 */
export class MockFunctionContext {
  #calls: Call[] = [];
  #implementation: Fn;
  readonly #once = new Map<number, Fn>();
  readonly #undo: (context: MockFunctionContext) => void;
  readonly #times: number;

  static {
    runs = (context) => context.#next();
    record = (context, call) => context.#calls.push(call);
  }

  constructor(implementation: Fn, undo: (set: (original: Fn) => void) => void, times: number) {
    this.#implementation = implementation;
    this.#undo = (context) => undo((original) => (context.#implementation = original));
    this.#times = times;
  }

  // What the next call runs. The last of the calls that were asked for is also the mock's last.
  #next(): Fn {
    const number = this.#calls.length;
    const once = this.#once.get(number);
    this.#once.delete(number);
    const implementation = once ?? this.#implementation;
    if (number + 1 === this.#times) this.restore();
    return implementation;
  }

  get calls(): Call[] {
    return [...this.#calls];
  }
  callCount(): number {
    return this.#calls.length;
  }
  mockImplementation(implementation: Fn): void {
    checkType(implementation, "implementation", "function");
    this.#implementation = implementation;
  }
  mockImplementationOnce(implementation: Fn, onCall?: number): void {
    checkType(implementation, "implementation", "function");
    const next = this.#calls.length;
    checkInteger(onCall ?? next, "onCall", next);
    this.#once.set(onCall ?? next, implementation);
  }
  resetCalls(): void {
    this.#calls = [];
  }
  restore(): void {
    this.#undo(this);
  }
}

const isOptions = (value: unknown): value is Options => typeof value === "object" && value !== null;

function timesOf({ times }: Options): number {
  if (times === undefined) return Infinity;
  checkInteger(times, "options.times", 1);
  return times;
}

function descriptorOf(object: object, name: PropertyKey): PropertyDescriptor | undefined {
  for (let o: object | null = object; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    const found = Object.getOwnPropertyDescriptor(o, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** https://nodejs.org/api/test.html#class-mocktracker */
export class MockTracker {
  #contexts: MockFunctionContext[] = [];

  #mock(original: Fn, context: MockFunctionContext): Fn {
    const run = (target: unknown, self: () => unknown, args: unknown[], work: (implementation: Fn) => unknown): unknown => {
      const implementation = runs(context);
      const call: Call = { arguments: args, error: undefined, result: undefined, stack: new Error(), target, this: undefined };
      try {
        return (call.result = work(implementation));
      } catch (error) {
        call.error = error;
        throw error;
      } finally {
        call.this = target === undefined ? self() : call.result;
        record(context, call);
      }
    };
    this.#contexts.push(context);
    return new Proxy(original, {
      apply: (_, self, args: unknown[]) => run(undefined, () => self as unknown, args, (to) => Reflect.apply(to, self, args) as unknown),
      construct: (target, args: unknown[], newTarget) =>
        run(target, () => undefined, args, (to) => Reflect.construct(to, args, newTarget) as unknown) as object,
      get: (target, name, receiver) => (name === "mock" ? context : (Reflect.get(target, name, receiver) as unknown)),
    });
  }

  /** A mock function. */
  fn(original?: Fn | Options, implementation?: Fn | Options, options: Options = {}): Fn {
    if (isOptions(original)) [original, options] = [undefined, original];
    if (isOptions(implementation)) [implementation, options] = [undefined, implementation];
    const first = original ?? function () {};
    const runs = implementation ?? first;
    checkType(first, "original", "function");
    checkType(runs, "implementation", "function");
    return this.#mock(first, new MockFunctionContext(runs, (set) => set(first), timesOf(options)));
  }

  /** Puts a mock in the place of a method, a getter or a setter. */
  method(object: object, name: PropertyKey, implementation?: Fn | Options, options: Options = {}): Fn {
    if (typeof object !== "function") checkObject(object, "object");
    if (isOptions(implementation)) [implementation, options] = [undefined, implementation];
    if (implementation !== undefined) checkType(implementation, "implementation", "function");
    checkObject(options, "options");
    const { getter = false, setter = false } = options;
    checkType(getter, "options.getter", "boolean");
    checkType(setter, "options.setter", "boolean");
    if (getter && setter) throw invalidValue("options.setter", setter, "cannot be used with 'options.getter'");
    const role = getter ? "get" : setter ? "set" : "value";
    const descriptor = descriptorOf(object, name);
    const original: unknown = descriptor?.[role];
    if (typeof original !== "function") throw invalidValue("methodName", original, "must be a method");
    // What was inherited before is the object's own afterwards, as in Node.
    const undo = (): void => void Object.defineProperty(object, name, descriptor!);
    const context = new MockFunctionContext(implementation ?? (original as Fn), undo, timesOf(options));
    const mock = this.#mock(original as Fn, context);
    Object.defineProperty(object, name, { ...descriptor, [role]: mock });
    return mock;
  }

  /** Puts a mock in the place of a getter. */
  getter(object: object, name: PropertyKey, implementation?: Fn | Options, options: Options = {}): Fn {
    if (isOptions(implementation)) [implementation, options] = [undefined, implementation];
    if (options.getter === false) throw invalidValue("options.getter", false, "cannot be false");
    return this.method(object, name, implementation, { ...options, getter: true });
  }

  /** Puts a mock in the place of a setter. */
  setter(object: object, name: PropertyKey, implementation?: Fn | Options, options: Options = {}): Fn {
    if (isOptions(implementation)) [implementation, options] = [undefined, implementation];
    if (options.setter === false) throw invalidValue("options.setter", false, "cannot be false");
    return this.method(object, name, implementation, { ...options, setter: true });
  }

  /** Ends all mocks and forgets them. */
  reset(): void {
    this.restoreAll();
    this.#contexts = [];
  }
  /** Ends all mocks. */
  restoreAll(): void {
    for (const context of this.#contexts) context.restore();
  }
}
