// https://nodejs.org/api/diagnostics_channel.html

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
type Transform = (message: unknown) => unknown;

interface Store {
  run<R>(value: unknown, work: () => R): R;
}

const made = Symbol("made");

function fails(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function checkFunction(value: unknown, method: string): void {
  if (typeof value !== "function") throw new TypeError(`Failed to execute '${method}' on 'Channel': parameter 1 is not of type 'function'.`);
}

/** A channel: whoever subscribes to it gets the messages that are published. */
export class Channel {
  readonly #name: Name;
  #subscribers: readonly Subscriber[] = [];
  readonly #stores = new Map<Store, Transform | undefined>();

  constructor(key: unknown, name?: Name) {
    if (key !== made) throw new TypeError("Illegal constructor");
    this.#name = name!;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.#name);
      } catch (error) {
        fails(error);
      }
    }
  }

  subscribe(subscriber: Subscriber): void {
    checkFunction(subscriber, "subscribe");
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): void {
    checkFunction(subscriber, "unsubscribe");
    const at = this.#subscribers.indexOf(subscriber);
    if (at >= 0) this.#subscribers = this.#subscribers.filter((_, n) => n !== at);
  }

  bindStore(store: Store, transform?: Transform): void {
    this.#stores.set(store, transform);
  }

  unbindStore(store: Store): void {
    this.#stores.delete(store);
  }

  runStores<R>(message: unknown, work: (...args: unknown[]) => R, self?: unknown, ...args: unknown[]): R {
    let run = (): R => {
      this.publish(message);
      return Reflect.apply(work, self, args) as R;
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let value = message;
        try {
          if (transform !== undefined) value = transform(message);
        } catch (error) {
          fails(error);
          return inner();
        }
        return store.run(value, inner);
      };
    }
    return run();
  }
}

const channels = new Map<Name, Channel>();

/** The channel of a name; there is one for each. */
export function channel(name: Name): Channel {
  let known = channels.get(name);
  if (known === undefined) {
    known = new Channel(made, name);
    channels.set(name, known);
  }
  return known;
}

export const hasSubscribers = (name: Name): boolean => channels.get(name)?.hasSubscribers ?? false;

export function subscribe(name: Name, subscriber: Subscriber): void {
  channel(name).subscribe(subscriber);
}

export function unsubscribe(name: Name, subscriber: Subscriber): void {
  channel(name).unsubscribe(subscriber);
}

const events = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Event = (typeof events)[number];
type Message = Record<string, unknown>;
type Callback = (...args: unknown[]) => unknown;

/** The five channels of what is traced. */
export class TracingChannel {
  readonly #channels: Record<Event, Channel>;

  constructor(key: unknown, of?: Record<Event, Channel>) {
    if (key !== made) throw new TypeError("Illegal constructor");
    this.#channels = of!;
  }

  get start(): Channel {
    return this.#channels.start;
  }
  get end(): Channel {
    return this.#channels.end;
  }
  get asyncStart(): Channel {
    return this.#channels.asyncStart;
  }
  get asyncEnd(): Channel {
    return this.#channels.asyncEnd;
  }
  get error(): Channel {
    return this.#channels.error;
  }
  get hasSubscribers(): boolean {
    return events.some((event) => this.#channels[event].hasSubscribers);
  }

  subscribe(subscribers: Partial<Record<Event, Subscriber>>): void {
    for (const event of events) if (subscribers[event] !== undefined) this.#channels[event].subscribe(subscribers[event]);
  }

  unsubscribe(subscribers: Partial<Record<Event, Subscriber>>): void {
    for (const event of events) if (subscribers[event] !== undefined) this.#channels[event].unsubscribe(subscribers[event]);
  }

  traceSync(work: Callback, message: Message = {}, self?: unknown, ...args: unknown[]): unknown {
    return this.start.runStores(message, () => {
      try {
        const result = Reflect.apply(work, self, args) as unknown;
        message["result"] = result;
        return result;
      } catch (error) {
        message["error"] = error;
        this.error.publish(message);
        throw error;
      } finally {
        this.end.publish(message);
      }
    });
  }

  tracePromise(work: Callback, message: Message = {}, self?: unknown, ...args: unknown[]): unknown {
    return this.start.runStores(message, () => {
      try {
        const promise = Promise.resolve(Reflect.apply(work, self, args));
        return promise.then(
          (result) => {
            message["result"] = result;
            this.asyncStart.publish(message);
            this.asyncEnd.publish(message);
            return result;
          },
          (error: unknown) => {
            message["error"] = error;
            this.error.publish(message);
            this.asyncStart.publish(message);
            this.asyncEnd.publish(message);
            throw error;
          },
        );
      } catch (error) {
        message["error"] = error;
        this.error.publish(message);
        throw error;
      } finally {
        this.end.publish(message);
      }
    });
  }

  traceCallback(work: Callback, position = -1, message: Message = {}, self?: unknown, ...args: unknown[]): unknown {
    const callback = args.at(position);
    if (typeof callback !== "function") {
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), { code: "ERR_INVALID_ARG_TYPE" });
    }
    const { asyncStart, asyncEnd, error: failed } = this;
    const traced = function (this: unknown, ...results: unknown[]): unknown {
      const [error, result] = results;
      if (error !== null && error !== undefined) {
        message["error"] = error;
        failed.publish(message);
      } else {
        message["result"] = result;
      }
      return asyncStart.runStores(message, () => {
        try {
          return Reflect.apply(callback, this, results) as unknown;
        } finally {
          asyncEnd.publish(message);
        }
      });
    };
    args.splice(position, 1, traced);
    return this.start.runStores(message, () => {
      try {
        return Reflect.apply(work, self, args) as unknown;
      } catch (error) {
        message["error"] = error;
        failed.publish(message);
        throw error;
      } finally {
        this.end.publish(message);
      }
    });
  }
}

/** The channels "tracing:NAME:start" and so on; or those that are given. */
export function tracingChannel(nameOrChannels: string | Record<Event, Channel>): TracingChannel {
  if (typeof nameOrChannels === "string") {
    const of = Object.fromEntries(events.map((event) => [event, channel(`tracing:${nameOrChannels}:${event}`)]));
    return new TracingChannel(made, of as Record<Event, Channel>);
  }
  if (typeof nameOrChannels !== "object" || nameOrChannels === null) {
    const error = new TypeError(`The "channels" argument must be of type object. Received type ${typeof nameOrChannels} (${String(nameOrChannels)})`);
    throw Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
  }
  return new TracingChannel(made, nameOrChannels);
}
