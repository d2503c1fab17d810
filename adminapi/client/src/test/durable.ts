// What cloudflare:test has for Durable Objects.
// https://developers.cloudflare.com/workers/testing/vitest-integration/test-apis/

import type { Schemas } from "../admin.js";
import { callList, objectRoute } from "../api.js";
import type { Callee, Caller } from "../calls.js";
import { AdminError } from "../errors.js";
import type { DurableObjectId } from "../ids.js";
import { DurableObjectNamespace, targetOf } from "../stub.js";
import { currentWorld } from "./current.js";

interface ObjectTarget {
  caller: Caller;
  callee: Callee;
  /** The path of its routes. */
  route: string;
}

function objectOf(stub: unknown, helper: string): ObjectTarget {
  const target = targetOf(stub);
  if (target?.namespace === undefined) {
    throw new TypeError(`Failed to execute '${helper}': parameter 1 is not of type 'DurableObjectStub'.`);
  }
  return { caller: target.caller, callee: target.callee, route: objectRoute(target.namespace.key, String(target.id)) };
}

/**
 * Runs a function in an object, fn(instance, state, ...args): there, not here. It sees nothing of what surrounds it in
 * the test; what it needs goes in as further arguments, and what it returns comes back as a copy, as does what it
 * throws. A Response comes back as one.
 */
export async function runInDurableObject<R, A extends unknown[]>(
  stub: unknown,
  // The project's types say what instances and states are.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  fn: (instance: any, state: any, ...args: A) => R | Promise<R>,
  ...args: A
): Promise<R> {
  const { caller, callee } = objectOf(stub, "runInDurableObject");
  if (typeof fn !== "function") throw new TypeError("Failed to execute 'runInDurableObject': parameter 2 is not of type 'function'.");
  return (await caller.run(callee, sourceOf(fn), args)) as R;
}

function sourceOf(fn: Function): string {
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    throw new TypeError("runInDurableObject: the function has no source: a bound or native one cannot be sent to the object. Write one that calls it.");
  }
  // vitest writes imports as members of objects of its own.
  const imported = /__vi(?:te_ssr)?_import_\d+__\.(\w+)/.exec(source);
  if (imported !== null) {
    throw new ReferenceError(`runInDurableObject: the function uses \`${imported[1]}\`, which exists only in the test: pass it as an argument`);
  }
  return source;
}

/** Runs an object's alarm now, whenever it is due. Gives false if it has none; what the handler throws is thrown. */
export async function runDurableObjectAlarm(stub: unknown): Promise<boolean> {
  const { caller, route } = objectOf(stub, "runDurableObjectAlarm");
  let failure: string | undefined;
  try {
    failure = (await caller.route<Schemas["Fired"]>("POST", `${route}/alarm/fire`)).error;
  } catch (error) {
    if (error instanceof AdminError && error.status === 404) return false;
    throw error;
  }
  if (failure !== undefined) throw new Error(failure);
  return true;
}

/** The ids of a class's objects. */
export async function listDurableObjectIds(namespace: unknown): Promise<DurableObjectId[]> {
  if (!(namespace instanceof DurableObjectNamespace)) {
    throw new TypeError("Failed to execute 'listDurableObjectIds': parameter 1 is not of type 'DurableObjectNamespace'.");
  }
  return (await listObjects(namespace)).map((object) => namespace.idFromString(object.id));
}

async function listObjects({ caller, key }: DurableObjectNamespace, state = ""): Promise<Schemas["Object"][]> {
  const objects: Schemas["Object"][] = [];
  const endpoint = await caller.endpoint();
  for (let cursor = ""; ; ) {
    const query = new URLSearchParams({ limit: "10000", ...(state && { state }), ...(cursor && { cursor }) });
    const page = await callList<Schemas["Object"][]>(endpoint, "GET", `namespaces/${encodeURIComponent(key)}/objects?${query}`);
    objects.push(...page.result);
    cursor = page.result_info.cursor;
    if (cursor === "") return objects;
  }
}

/** What becomes of hibernatable WebSockets when an object leaves memory. */
export interface EvictOptions {
  webSockets?: "hibernate" | "close";
}

function checkEvictOptions({ webSockets = "hibernate" }: EvictOptions): Required<EvictOptions> {
  if (webSockets !== "hibernate" && webSockets !== "close") throw new TypeError('options.webSockets must be "hibernate" or "close".');
  return { webSockets };
}

/** Takes an object out of memory: what it has stored stays, and the next event constructs it anew. */
export async function evictDurableObject(stub: unknown, options: EvictOptions = {}): Promise<void> {
  const { caller, route } = objectOf(stub, "evictDurableObject");
  const body = checkEvictOptions(options);
  try {
    await caller.route("POST", `${route}/evict`, body);
  } catch (error) {
    if (!(error instanceof AdminError) || error.status !== 404) throw error;
    throw new Error("Cannot evict Durable Object: it is not currently running.", { cause: error });
  }
}

/** Takes all objects out of memory. */
export async function evictAllDurableObjects(options: EvictOptions = {}): Promise<void> {
  await currentWorld().caller.route("POST", "evict", checkEvictOptions(options));
}

const abortText = "Application called abortAllDurableObjects().";

/** Resets all objects that are in memory, as a failure does: what they have stored stays, calls under way fail. */
export async function abortAllDurableObjects(): Promise<void> {
  const { caller } = currentWorld();
  const namespaces = await caller.route<Schemas["Namespace"][]>("GET", "namespaces");
  const aborted = namespaces.map(async ({ id }) => {
    const namespace = new DurableObjectNamespace(caller, id);
    for (const state of ["active", "idle"]) {
      await Promise.all((await listObjects(namespace, state)).map((object) => abort(namespace, object.id)));
    }
  });
  await Promise.all(aborted);
}

async function abort(namespace: DurableObjectNamespace, id: string): Promise<void> {
  const { caller, callee } = objectOf(namespace.get(namespace.idFromString(id)), "abortAllDurableObjects");
  try {
    await caller.run(callee, "(instance, state, text) => state.abort(text)", [abortText]);
  } catch (error) {
    if (!(error instanceof Error) || error.message !== abortText) throw error;
  }
}
