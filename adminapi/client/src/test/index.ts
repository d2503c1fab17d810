/**
 * What tests of a Worker use. The names that cloudflare:test has mean the same; what is beside them is doemu's own. All
 * of it means the world of the test that says it.
 */
import type { Clock } from "../clock.js";
import type { WorkerExport } from "../project.js";
import type { Faults, JournalEvent, JournalFilter, Snapshot } from "../world.js";
import { currentWorld, forwarding, forwardingMethods } from "./current.js";

declare global {
  // wrangler types and doemu types write what the project's env has into this.
  namespace Cloudflare {
    interface Env {}
  }
}

/** The type of env: the project's own, if it was generated. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Env = keyof Cloudflare.Env extends never ? Record<string, any> : Cloudflare.Env;

/** The env of the first Worker: its stubs lead to the objects and services of this test's world. */
export const env: Env = forwarding(() => currentWorld().env) as Env;

/** The Worker itself: fetch, scheduled, and the methods of its default export. */
export const SELF: WorkerExport = forwarding<WorkerExport>(() => currentWorld().SELF);

/** The clock of this test's world. */
export const clock: Clock = forwardingMethods(() => currentWorld().clock);

/** The failures that objects of this test's world meet. */
export const faults: Faults = forwardingMethods(() => currentWorld().faults);

/** What happened in this test's world. */
export const journal = (filter?: JournalFilter): Promise<JournalEvent[]> => currentWorld().journal(filter);

/** Saves the state of this test's world. */
export const snapshot = (name?: string): Promise<Snapshot> => currentWorld().snapshot(name);

/** Takes this test's world back to a snapshot. */
export const restore = (saved: string | Snapshot, options?: { webSockets?: "close" | "keep" }): Promise<void> =>
  currentWorld().restore(saved, options);

/** Deletes all objects of this test's world. */
export const reset = (): Promise<void> => currentWorld().reset();

/** Waits until nothing is being done in this test's world that does not wait for time or for the outside. */
export const settle = (): Promise<void> => currentWorld().settle();

export * from "./contexts.js";
export { currentWorld, runInWorld, useWorld } from "./current.js";
export {
  abortAllDurableObjects, evictAllDurableObjects, evictDurableObject, type EvictOptions, listDurableObjectIds, runDurableObjectAlarm,
  runInDurableObject,
} from "./durable.js";
export { createTestHarness, type HarnessWorker, type ObjectName, type TestHarness, type TestHarnessOptions, type WorkerHandle } from "./harness/index.js";
export { connectWebSocket, TestSocket, watchWebSocket } from "./sockets.js";
