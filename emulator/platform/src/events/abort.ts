import { asyncContext } from "../async_context.ts";
import { DOMException } from "../errors.ts";
import { refuse, tag } from "../globals.ts";
import { Event } from "./event.ts";
import { EventTarget, eventAttribute } from "./target.ts";

const internal = Symbol("internal");

let abortSignal: (signal: AbortSignal, reason: unknown) => void;

/** https://developer.mozilla.org/docs/Web/API/AbortSignal */
export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  // Signals of AbortSignal.any that follow this one.
  readonly #followers: AbortSignal[] = [];

  static {
    abortSignal = (signal, reason) => signal.#abort(reason);
  }

  constructor(key?: unknown) {
    if (key !== internal) throw new TypeError("Illegal constructor");
    super();
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
    this.dispatchEvent(new Event("abort"));
    for (const follower of this.#followers) follower.#abort(this.#reason);
  }

  /** A signal that is aborted already. */
  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(internal);
    signal.#abort(reason);
    return signal;
  }

  /** A signal that aborts after a time. */
  static timeout(ms: number): AbortSignal {
    const signal = new AbortSignal(internal);
    const abort = (): void => signal.#abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    asyncContext.outside(() => setTimeout(abort, ms));
    return signal;
  }

  /** A signal that aborts with the first of several. */
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const signal = new AbortSignal(internal);
    for (const source of signals) {
      if (source.#aborted) signal.#abort(source.#reason);
      else source.#followers.push(signal);
    }
    return signal;
  }
}
tag(AbortSignal, "AbortSignal");
refuse(AbortSignal, "AbortSignal serialization is not enabled.");
eventAttribute(AbortSignal, "abort");

/** https://developer.mozilla.org/docs/Web/API/AbortController */
export class AbortController {
  readonly #signal = new AbortSignal(internal);
  get signal(): AbortSignal {
    return this.#signal;
  }
  abort(reason?: unknown): void {
    abortSignal(this.#signal, reason);
  }
}
tag(AbortController, "AbortController");
