import { host } from "../kernel.ts";
import type { Bytes } from "../kernel.ts";
import type { Wire } from "./host.ts";

/** What a stub leads to: an exported value, an entrypoint, an object. */
export interface Callee {
  /** Calls a member or gets it; see rpc.call. */
  call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire>;
  /** Makes a reference, and gives its number. */
  ref(): number;
}

/** A callee that takes requests too. */
export interface ServiceCallee extends Callee {
  /** A fetcher handle. */
  fetcher(): number;
  /** The name by which it can be found again. */
  token(): string;
}

// References whose JavaScript side was dropped are let go of.
const dropped = new FinalizationRegistry<number>((ref) => host["rpc.drop"](ref));

/** The callee that a reference of this isolate leads to. The reference is its own. */
export class ReferenceCallee implements ServiceCallee {
  readonly #ref: number;
  // The engine holds on to what stands for a registration: it must not be the callee itself.
  readonly #registration = {};

  constructor(ref: number) {
    this.#ref = ref;
    dropped.register(this, ref, this.#registration);
  }

  call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire> {
    return host["rpc.call"](this.#ref, path, get, args, refs);
  }

  ref(): number {
    return host["rpc.dup"](this.#ref);
  }

  fetcher(): number {
    return host["rpc.fetcher"](this.#ref);
  }

  token(): string {
    return host["rpc.token"](this.#ref);
  }

  /** Lets go of the reference. */
  drop(): void {
    host["rpc.drop"](this.take());
  }

  /** Gives the reference away. */
  take(): number {
    dropped.unregister(this.#registration);
    return this.#ref;
  }
}
