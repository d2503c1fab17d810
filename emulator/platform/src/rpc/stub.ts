// Stubs, and the promises and properties that they give. Each is a proxy: every name that its class has
// not got is a property of the other side. The proxy's handler is a node, which knows where calls go.
//
// A call on a promise waits for the promise, and goes on from its result: in one process that gives the
// order and the errors of Cloudflare's pipelines.

import { flag } from "../flags.ts";
import { noSupport, refuse, tag } from "../globals.ts";
import { type Callee, ReferenceCallee } from "./callee.ts";
import { pathText, type Wire } from "./host.ts";
import { nothing, Outgoing, packArguments, receive } from "./payload.ts";
import type { Session } from "./session.ts";
import { walk } from "./walk.ts";

type Key = string | symbol;

/** The deepest path of names on a stub. */
const deepest = 64;

// A function is callable, and so are proxies of it. What it has itself is never looked at.
const callable = (): void => {};

class Returned {
  constructor(object: object) {
    return object;
  }
}

// Marks proxies as ours, by a private field that no program can see or forge.
class Stamp extends Returned {
  readonly #node: Node;
  constructor(proxy: object, node: Node) {
    super(proxy);
    this.#node = node;
  }
  static of(value: unknown): Node | undefined {
    return (typeof value === "object" || typeof value === "function") && value !== null && #node in value
      ? value.#node
      : undefined;
  }
}

/** The node of a stub, a promise or a property; undefined for other values. */
export const nodeOf = (value: unknown): Node | undefined => Stamp.of(value);

/** Makes the proxy of a node. */
export function proxyOf<T extends object>(node: Node & ProxyHandler<T>, target: T): T {
  const proxy = new Proxy(target, node);
  new Stamp(proxy, node);
  return proxy;
}

/**
 * What stands behind a stub, a promise or a property. Nodes are made for every call: their fields are plain
 * ones, which the engine makes faster than private ones, and no program ever sees a node.
 */
export abstract class Node {
  /** How many names lead here. */
  depth = 0;

  /** Calls, or gets, what is at the end of a path of names. */
  abstract request(path: string[], get: boolean, args: unknown[]): Promise<unknown>;

  /** A call of what the node stands for. */
  call(args: unknown[]): RpcPromise {
    return makePromise(this.request([], false, args));
  }

  /** A call of a member. */
  callMember(name: string, args: unknown[]): RpcPromise {
    return makePromise(this.request([name], false, args));
  }

  /** The property of a name. */
  property(name: string): RpcProperty {
    if (this.depth >= deepest) throw new TypeError(`RPC pipelined property path is too deep (max ${deepest}).`);
    return proxyOf(new PropertyNode(this, name), callable) as unknown as RpcProperty;
  }
}

/** A node whose proxy is a function. */
abstract class CallableNode extends Node implements ProxyHandler<typeof callable> {
  protected abstract readonly prototype: object;
  // What a program set.
  protected own: Record<Key, unknown> | undefined = undefined;

  apply(_: unknown, _self: unknown, args: unknown[]): unknown {
    return this.call(args);
  }

  get(_: unknown, name: Key, receiver: unknown): unknown {
    if (this.own !== undefined && Object.hasOwn(this.own, name)) return this.own[name];
    if (typeof name === "symbol" || name in this.prototype) return Reflect.get(this.prototype, name, receiver);
    return this.member(name);
  }

  protected member(name: string): unknown {
    return this.property(name);
  }

  has(_: unknown, name: Key): boolean {
    return typeof name === "string" || name in this.prototype || Object.hasOwn(this.own ?? {}, name);
  }
  set(_: unknown, name: Key, value: unknown): boolean {
    return Reflect.set((this.own ??= {}), name, value);
  }
  defineProperty(_: unknown, name: Key, property: PropertyDescriptor): boolean {
    return Reflect.defineProperty((this.own ??= {}), name, { ...property, configurable: true });
  }
  deleteProperty(_: unknown, name: Key): boolean {
    return Reflect.deleteProperty((this.own ??= {}), name);
  }
  ownKeys(): Key[] {
    return Reflect.ownKeys(this.own ?? {});
  }
  getOwnPropertyDescriptor(_: unknown, name: Key): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.own ?? {}, name);
  }
  getPrototypeOf(): object {
    return this.prototype;
  }
}

/** Sends a call to a callee; the arguments are packed at once. */
export function send(callee: Callee, path: string, get: boolean, args: unknown[]): Promise<unknown> {
  if (args.length > 0) {
    try {
      return sendPacked(callee, path, get, packArguments(args));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
  return sendPacked(callee, path, get, nothing);
}

/** Sends a call whose arguments are packed. */
export function sendPacked(callee: Callee, path: string, get: boolean, packed: Outgoing): Promise<unknown> {
  let answer: Promise<Wire>;
  try {
    answer = callee.call(path, get, packed.bytes, packed.text);
  } catch (error) {
    packed.drop();
    return Promise.reject(error as Error);
  }
  if (packed !== nothing) packed.sent();
  return answer.then(receive);
}

/** A node that calls go out from. */
export interface Root {
  readonly callee: Callee;
}

/** A stub of an exported value. */
export class StubNode extends CallableNode implements Root {
  #callee: Callee | undefined;
  readonly #session: Session | undefined;

  constructor(callee: Callee, session: Session | undefined) {
    super();
    this.#callee = callee;
    this.#session = session;
    session?.hold(this);
  }

  protected get prototype(): object {
    return RpcStub.prototype;
  }

  protected override member(name: string): unknown {
    // A stub is no promise, or whoever returns one would wait for it.
    return name === "then" ? undefined : this.property(name);
  }

  request(path: string[], get: boolean, args: unknown[]): Promise<unknown> {
    const callee = this.#callee;
    return callee === undefined ? Promise.reject(disposed()) : send(callee, pathText(path), get, args);
  }

  /** Where calls go; throws when the stub was disposed of. */
  get callee(): Callee {
    if (this.#callee === undefined) throw disposed();
    return this.#callee;
  }

  dup(): RpcStub {
    return makeStub(this.callee.ref(), this.#session);
  }

  dispose(): void {
    const callee = this.#callee;
    this.#callee = undefined;
    this.#session?.letGo(this);
    if (callee instanceof ReferenceCallee) callee.drop();
  }
}

const disposed = (): Error => new Error("RPC stub used after being disposed.");

const disposedResult = Symbol("disposed");

/** The result of a call that may not have come yet. */
class PromiseNode extends CallableNode {
  readonly promise: Promise<unknown>;
  // The result, once it is there.
  protected result: { value: unknown } | typeof disposedResult | undefined = undefined;

  constructor(promise: Promise<unknown>) {
    super();
    this.promise = promise.then((value) => {
      if (this.result === disposedResult) disposeOf(value);
      else this.result = { value };
      return value;
    });
  }

  protected get prototype(): object {
    return RpcPromise.prototype;
  }

  override get(target: unknown, name: Key, receiver: unknown): unknown {
    if (name === "then" && this.own === undefined) return RpcPromise.prototype.then; // what await asks for
    return super.get(target, name, receiver);
  }

  request(path: string[], get: boolean, args: unknown[]): Promise<unknown> {
    if (this.result === disposedResult) return Promise.reject(new Error("RPC promise used after being disposed."));
    if (this.result !== undefined && !isObject(this.result.value)) {
      return Promise.reject(new TypeError("Can't pipeline on RPC that did not return an object."));
    }
    let packed: Outgoing;
    try {
      packed = args.length === 0 ? nothing : packArguments(args);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.promise.then(
      (value) => walk(value, path, get, packed),
      (error: unknown) => {
        packed.drop();
        throw error;
      },
    );
  }

  dispose(): void {
    const result = this.result;
    this.result = disposedResult;
    if (typeof result === "object") disposeOf(result.value);
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** Calls the disposer of a value, if it has one. */
export function disposeOf(value: unknown): void {
  if (!isObject(value)) return;
  const dispose = (value as Record<symbol, unknown>)[Symbol.dispose];
  if (typeof dispose === "function") dispose.call(value);
}

/** A member of what a stub or a promise stands for. */
export class PropertyNode extends CallableNode {
  protected readonly parent: Node;
  protected readonly name: string;

  constructor(parent: Node, name: string) {
    super();
    this.parent = parent;
    this.name = name;
    this.depth = parent.depth + 1;
  }

  protected get prototype(): object {
    return RpcProperty.prototype;
  }

  override apply(_: unknown, _self: unknown, args: unknown[]): unknown {
    return this.parent.callMember(this.name, args);
  }

  request(path: string[], get: boolean, args: unknown[]): Promise<unknown> {
    path.unshift(this.name);
    return this.parent.request(path, get, args);
  }

  override callMember(name: string, args: unknown[]): RpcPromise {
    return makePromise(this.request([name], false, args));
  }
}

/** Makes the stub of a reference. */
export const makeStub = (ref: number, session: Session | undefined): RpcStub =>
  proxyOf(new StubNode(new ReferenceCallee(ref), session), callable) as unknown as RpcStub;

/** Makes the promise of a call's result. */
export const makePromise = (promise: Promise<unknown>): RpcPromise =>
  proxyOf(new PromiseNode(promise), callable) as unknown as RpcPromise;

let exporting: (target: object) => number;

/** Sets how an object becomes a reference: the exports, which come after the stubs. */
export function setExporter(exporter: (target: object) => number): void {
  exporting = exporter;
}

function nodeAs<T extends Node>(value: unknown, type: new (...args: never[]) => T): T {
  const node = Stamp.of(value);
  if (!(node instanceof type)) throw new TypeError("Illegal invocation");
  return node;
}

const illegalConstructor = (): TypeError => new TypeError("Illegal constructor");

/**
 * A reference to an object or a function elsewhere. Calls of it, and of its methods, happen there.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/rpc/
 */
export class RpcStub {
  constructor(target: object) {
    if ((typeof target !== "object" && typeof target !== "function") || target === null) {
      throw new TypeError("Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'Object'.");
    }
    return makeStub(exporting(target), undefined);
  }

  /** Another stub of the same, which is disposed of for itself. */
  dup(): RpcStub {
    return nodeAs(this, StubNode).dup();
  }

  /** Tells the other side that this stub is not used any more. */
  [Symbol.dispose](): void {
    nodeAs(this, StubNode).dispose();
  }
}
tag(RpcStub, "JsRpcStub", "RpcStub");
refuse(RpcStub, "RpcStub cannot be serialized in this context.");

type Then = (value: unknown) => unknown;

/**
 * The result of a call that may not have come yet; its members can be used at once.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/rpc/#promise-pipelining
 */
export class RpcPromise {
  constructor() {
    throw illegalConstructor();
  }
  // eslint-disable-next-line unicorn/no-thenable
  then(onResult?: Then, onError?: Then): Promise<unknown> {
    return nodeAs(this, PromiseNode).promise.then(onResult, onError);
  }
  catch(onError?: Then): Promise<unknown> {
    return nodeAs(this, PromiseNode).promise.catch(onError);
  }
  finally(work?: () => void): Promise<unknown> {
    return nodeAs(this, PromiseNode).promise.finally(work);
  }
  /** Disposes of the result, now or when it comes. */
  [Symbol.dispose](): void {
    nodeAs(this, PromiseNode).dispose();
  }
}
tag(RpcPromise, "JsRpcPromise", "RpcPromise");
refuse(RpcPromise, noSupport("RpcPromise"));

/** A member of what a stub or a promise stands for: it can be called, or awaited. */
export class RpcProperty {
  constructor() {
    throw illegalConstructor();
  }
  // eslint-disable-next-line unicorn/no-thenable
  then(onResult?: Then, onError?: Then): Promise<unknown> {
    return nodeAs(this, PropertyNode).request([], true, []).then(onResult, onError);
  }
  catch(onError?: Then): Promise<unknown> {
    return nodeAs(this, PropertyNode).request([], true, []).catch(onError);
  }
  finally(work?: () => void): Promise<unknown> {
    return nodeAs(this, PropertyNode).request([], true, []).finally(work);
  }
}
tag(RpcProperty, "JsRpcProperty", "RpcProperty");
refuse(RpcProperty, noSupport("RpcProperty"));

/** Whether stubs among the arguments of a call stay the caller's. */
export const stubsStay = (): boolean => flag("rpc_params_dup_stubs");
