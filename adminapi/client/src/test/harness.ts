// The words of wrangler's createTestHarness, for suites that move here by changing one import.
// https://developers.cloudflare.com/workers/testing/

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type Doemu, startDoemu } from "../doemu.js";
import type { ProgramRequestInit, ProgramResponse } from "../fetch.js";
import type { LogLine } from "../process.js";
import type { ProjectWorker, WorkerExport } from "../project.js";
import { DurableObjectNamespace, type DurableObjectStub } from "../stub.js";
import type { World } from "../world.js";
import { evictDurableObject, listDurableObjectIds, runInDurableObject } from "./durable.js";

/** A Worker of the harness: its wrangler configuration, as a file or as it stands there. */
export interface HarnessWorker {
  configPath?: string;
  config?: Record<string, unknown>;
  /** The environment of the configuration. */
  env?: string;
  vars?: Record<string, unknown>;
  secrets?: Record<string, string>;
  bindingOverrides?: Record<string, string>;
}

export interface TestHarnessOptions {
  /** What paths are relative to; the directory of this process if not given. */
  root?: string;
  /** The first one is the one that answers. */
  workers: HarnessWorker[];
}

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

export interface TestHarness {
  /** Starts; a second call gives the same. */
  listen(): Promise<{ url: URL }>;
  fetch(input: string | URL | Request, init?: ProgramRequestInit): Promise<ProgramResponse>;
  getWorker(name?: string): WorkerHandle;
  /** Back to what was first started, with nothing stored. */
  reset(): Promise<void>;
  /** Runs other Workers, as many as before. */
  update(options: TestHarnessOptions | ((before: TestHarnessOptions) => TestHarnessOptions)): Promise<void>;
  getLogs(): LogLine[];
  clearLogs(): void;
  /** Prints what happened, for a test that failed. */
  debug(): void;
  close(): Promise<void>;
}

const mostLogs = 10_000;

/** A doemu for tests of any runner. */
export function createTestHarness(options?: TestHarnessOptions): TestHarness {
  let current = options;
  let running: Promise<{ doemu: Doemu; forget(): Promise<void> }> | undefined;
  let logs: LogLine[] = [];

  const start = async (): Promise<{ doemu: Doemu; forget(): Promise<void> }> => {
    if (current === undefined) throw new Error("Test harness options have not been configured. Give them to createTestHarness() or to update().");
    if (current.workers.length === 0) throw new Error("Test harness requires at least one worker.");
    const { files, forget } = await writeConfigs(current);
    try {
      const doemu = await startDoemu({ root: current.root ?? ".", config: files, ...environmentOf(current), log: (line) => {
        logs.push(line);
        if (logs.length > mostLogs) logs.shift();
      } });
      return { doemu, forget };
    } catch (error) {
      await forget();
      throw error;
    }
  };
  const stop = async (): Promise<void> => {
    const before = running;
    running = undefined;
    if (before === undefined) return;
    const { doemu, forget } = await before;
    await doemu.stop();
    await forget();
  };
  const world = async (): Promise<World> => {
    if (running === undefined) throw new Error("Server has not been started. Start it with server.listen() before calling this method.");
    return (await running).doemu.main;
  };

  const harness: TestHarness = {
    async listen() {
      running ??= start();
      try {
        return { url: new URL((await running).doemu.url) };
      } catch (error) {
        running = undefined;
        throw error;
      }
    },
    async fetch(input, init) {
      const { url } = await (await world()).urls();
      return (await world()).SELF.fetch(typeof input === "string" ? new URL(input, url) : input, init);
    },
    getWorker: (name) => workerHandle(world, name),
    async reset() {
      const was = await world();
      await was.reset();
      await was.faults.clear();
      logs = [];
    },
    async update(change) {
      const next = typeof change === "function" ? change(current ?? { workers: [] }) : change;
      if (current !== undefined && running !== undefined && next.workers.length !== current.workers.length) {
        throw new Error("Updating the number of workers running in the server is not supported.");
      }
      current = next;
      if (running === undefined) return;
      await stop();
      await harness.listen();
    },
    getLogs: () => [...logs],
    clearLogs() {
      logs = [];
    },
    debug() {
      for (const { time, level, kind, msg, error } of logs) console.log(time, level, kind ?? "", msg, error ?? "");
    },
    close: stop,
  };
  return harness;
}

// One environment and one set of variables holds for all Workers of a doemu.
function environmentOf({ workers }: TestHarnessOptions): { environment?: string } {
  const environments = new Set(workers.map((worker) => worker.env).filter((env) => env !== undefined));
  if (environments.size > 1) throw new Error(`The Workers of one harness run in one environment here, not in several: ${[...environments].join(", ")}.`);
  const [environment] = environments;
  return environment === undefined ? {} : { environment };
}

/** The configurations as files: those that stand in the options, or are changed by them, are written down. */
async function writeConfigs({ root = ".", workers }: TestHarnessOptions): Promise<{ files: string[]; forget(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "doemu-harness-"));
  const forget = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const files = workers.map(async ({ configPath, config, vars, secrets, bindingOverrides }, n) => {
    if (bindingOverrides !== undefined) throw new Error("bindingOverrides is not there in doemu: name the Worker in the configuration's services.");
    if (config === undefined) {
      if (configPath === undefined) throw new Error("A worker of the harness needs configPath or config.");
      if (vars !== undefined || secrets !== undefined) throw new Error("vars and secrets go with config here; a configPath has its own, and .dev.vars beside it.");
      return resolve(root, configPath);
    }
    const inline = { ...config, vars: { ...(config["vars"] as object | undefined), ...vars, ...secrets } } as Record<string, unknown>;
    if (typeof inline["main"] === "string" && !isAbsolute(inline["main"])) inline["main"] = resolve(root, inline["main"]);
    const file = join(directory, `wrangler.${n}.json`);
    await writeFile(file, JSON.stringify(inline));
    return file;
  });
  try {
    return { files: await Promise.all(files), forget };
  } catch (error) {
    await forget();
    throw error;
  }
}

function workerHandle(world: () => Promise<World>, name: string | undefined): WorkerHandle {
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
