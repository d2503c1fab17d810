// A Worker of a harness, and its objects.

import type { ProgramRequestInit, ProgramResponse } from "../../fetch.js";
import type { ProjectWorker, WorkerExport } from "../../project.js";
import { DurableObjectNamespace, type DurableObjectStub } from "../../stub.js";
import type { World } from "../../world.js";
import { evictDurableObject, listDurableObjectIds, runInDurableObject } from "../durable.js";

/** Names an object of a class. */
export type ObjectName = { name: string } | { id: string };

/** A Worker that runs. */
export interface WorkerHandle {
  fetch(input: string | URL | Request, init?: ProgramRequestInit): Promise<ProgramResponse>;
  scheduled: WorkerExport["scheduled"];
  getEnv(): Promise<Record<string, unknown>>;
  getExport(): Promise<WorkerExport>;
  listDurableObjectIds(classOrBinding: string): Promise<string[]>;
  evictDurableObject(classOrBinding: string, object: ObjectName & { webSockets?: "hibernate" | "close" }): Promise<void>;
  getDurableObjectStorage(classOrBinding: string, object: ObjectName): Promise<{
    exec(sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]>;
  }>;
}

/** A Worker by its name, the first one if there is none, in the world that runs when it is asked. */
export function workerHandle(world: () => Promise<World>, name: string | undefined): WorkerHandle {
  const worker = async (): Promise<ReturnType<World["worker"]> & { world: World }> => {
    const of = await world();
    const wanted = name ?? of.project.workers[0]!.name;
    if (!of.project.workers.some((known) => known.name === wanted)) throw new Error(`Worker "${wanted}" does not exist in this server.`);
    return { ...of.worker(wanted), world: of };
  };
  const namespace = async (classOrBinding: string): Promise<DurableObjectNamespace> => {
    const { project, world } = await worker();
    return new DurableObjectNamespace(world.caller, namespaceKey(project, classOrBinding));
  };
  const stub = async (classOrBinding: string, object: ObjectName): Promise<DurableObjectStub> => {
    const of = await namespace(classOrBinding);
    return "name" in object ? of.getByName(object.name) : of.get(of.idFromString(object.id));
  };
  return {
    fetch: async (input, init) => (await worker()).export.fetch(input, init),
    scheduled: async (options) => (await worker()).export.scheduled(options),
    getEnv: async () => (await worker()).env,
    getExport: async () => (await worker()).export,
    listDurableObjectIds: async (of) => (await listDurableObjectIds(await namespace(of))).map(String),
    evictDurableObject: async (of, { webSockets, ...object }) =>
      evictDurableObject(await stub(of, object), webSockets === undefined ? {} : { webSockets }),
    async getDurableObjectStorage(of, object) {
      const target = await stub(of, object);
      return {
        exec: (sql, ...params) => runInDurableObject(target, (_, state, text, bindings) => state.storage.sql.exec(text, ...bindings).toArray(), sql, params),
      };
    },
  };
}

/** The class comes before the binding of the same name. */
function namespaceKey(worker: ProjectWorker, classOrBinding: string): string {
  const key =
    worker.classes.find((known) => known.name === classOrBinding)?.namespace ??
    worker.bindings.find((binding) => binding.type === "durable_object_namespace" && binding.name === classOrBinding)?.to;
  if (key === undefined) throw new Error(`No Durable Object class or namespace binding named "${classOrBinding}" found in "${worker.name}" worker.`);
  return key;
}
