// ctx.facets: parts of an object, each with a class, a heap and a database of its own.

import { tag } from "doemu-internal:platform/globals.ts";
import type { Response } from "doemu-internal:platform/http/response.ts";
import { type Bytes, host } from "doemu-internal:platform/kernel.ts";
import { DOMException } from "doemu-internal:platform/errors.ts";
import type { ServiceCallee } from "doemu-internal:platform/rpc/callee.ts";
import { thrown } from "doemu-internal:platform/rpc/errors.ts";
import type { Wire } from "doemu-internal:platform/rpc/host.ts";
import { makeServiceStub, ServiceStub } from "doemu-internal:platform/rpc/service_stub.ts";
import { fetchVia } from "doemu-internal:platform/http/fetch.ts";
import { classOf } from "./actor_class.ts";
import { internal, onlyInternal, wrongType } from "./args.ts";
import { hex, isId } from "./id.ts";

declare module "doemu-internal:platform/kernel.ts" {
  interface Host {
    /** Throws when facets of this object would be too deep. */
    "facet.check"(): void;
    /** Tells whether a facet has been started and can be called. */
    "facet.running"(name: string): boolean;
    /** Starts a facet; its id is the object's own, or 64 digits with or without a name, or any text. */
    "facet.start"(
      name: string, exported: string, props: Bytes | undefined, id: string | undefined, idName: string | undefined, isText: boolean,
    ): void;
    "facet.call"(name: string, path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire>;
    "facet.fetcher"(name: string): number;
    "facet.abort"(name: string, className: string, message: string, props: string | undefined, thrown: Bytes | undefined): void;
    "facet.delete"(name: string): void;
  }
}

const className = "DurableObjectFacets";
const longestName = 256;

/** What a facet is started with. */
interface StartupOptions {
  class: unknown;
  id?: unknown;
}

type GetStartupOptions = () => StartupOptions | Promise<StartupOptions>;

/** A facet's way: it is started when it is first called, and again when it has ended. */
class Facet implements ServiceCallee {
  readonly name: string;
  readonly #options: GetStartupOptions;
  #starting: Promise<void> | undefined;
  // Why it cannot be used any more.
  #ended: { reason: unknown } | undefined;

  constructor(name: string, options: GetStartupOptions) {
    this.name = name;
    this.#options = options;
  }

  // What fails here fails for good, until the facet is aborted or deleted.
  start(): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended.reason as Error);
    if (host["facet.running"](this.name)) return this.#starting!;
    return (this.#starting = this.#begin().catch((error: unknown) => {
      this.#ended = { reason: error };
      throw error;
    }));
  }

  async #begin(): Promise<void> {
    const { class: given, id } = await this.#options();
    const actor = classOf(given);
    if (actor === undefined) {
      throw new TypeError(
        "Incorrect type for the 'class' field on 'StartupOptions': the provided value is not of type 'DurableObjectClass or " +
          "LoopbackDurableObjectNamespace or LoopbackColoLocalActorNamespace'.",
      );
    }
    const [text, name, isText] = id === undefined ? [undefined, undefined, false] : isId(id) ? [hex(id), id.name, false] : [`${id as string}`, undefined, true];
    host["facet.start"](this.name, actor.exported, actor.props, text, name, isText);
  }

  end(reason: unknown): void {
    this.#ended = { reason };
  }

  async call(path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire> {
    await this.start();
    return host["facet.call"](this.name, path, get, args, refs);
  }

  ref(): never {
    throw notTransferable();
  }
  token(): never {
    throw notTransferable();
  }
  fetcher(): number {
    return host["facet.fetcher"](this.name);
  }
}

const notTransferable = (): DOMException =>
  new DOMException("Stubs pointing to Durable Object facets are not serializable.", "DataCloneError");

/** https://developers.cloudflare.com/durable-objects/api/state/#facets */
export class DurableObjectFacets {
  readonly #facets = new Map<string, Facet>();

  constructor(key: unknown) {
    onlyInternal(key);
  }

  /** A stub of a facet. The callback says what it is, when it has to be started. */
  get(name: string, getStartupOptions: GetStartupOptions): object {
    const text = nameOf(name, "get", arguments.length);
    if (typeof getStartupOptions !== "function") throw wrongType("get", className, 2, "function");
    host["facet.check"]();
    let facet = this.#facets.get(text);
    if (facet === undefined) this.#facets.set(text, (facet = new Facet(text, getStartupOptions)));
    const started = facet;
    const shell = Object.create(ServiceStub.prototype, {
      // A request waits for the start, as a call does.
      fetch: {
        value: async (input: RequestInfo | URL, init?: object): Promise<Response> => {
          await started.start();
          return fetchVia(() => started.fetcher(), input, init);
        },
      },
    }) as object;
    return makeServiceStub(facet, shell);
  }

  /** Ends a facet: its calls fail with the reason. Its data stays. */
  abort(name: string, reason: unknown): void {
    const text = nameOf(name, "abort", arguments.length);
    if (arguments.length < 2) throw wrongType("abort", className, 2, "Value");
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#end(text, error);
    host["facet.abort"](text, ...thrown(error, {}));
  }

  /** Ends a facet, and deletes its data. */
  delete(name: string): void {
    const text = nameOf(name, "delete", arguments.length);
    this.#end(text, new Error("Facet was deleted."));
    host["facet.delete"](text);
  }

  clone(): never {
    throw new Error("ctx.facets.clone() is not implemented in doemu yet.");
  }

  #end(name: string, reason: unknown): void {
    this.#facets.get(name)?.end(reason);
    this.#facets.delete(name);
  }
}
tag(DurableObjectFacets, className);

function nameOf(name: unknown, method: string, given: number): string {
  if (given === 0) throw wrongType(method, className, 1, "string");
  const text = `${name as string}`;
  if (text.length > longestName) throw new TypeError(`Facet name is too long (max ${longestName} characters).`);
  return text;
}

/** The facets of the object that lives in this heap. */
export const facets = (): DurableObjectFacets => (made ??= new DurableObjectFacets(internal));
let made: DurableObjectFacets | undefined;
