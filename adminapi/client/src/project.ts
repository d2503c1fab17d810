// What runs: the Workers of a project, and what their env has.

import type { Schemas } from "./admin.js";
import { callRoute, type Endpoint } from "./api.js";
import type { Caller } from "./calls.js";
import { DurableObjectNamespace, serviceStub, type Stub } from "./stub.js";

/** A binding of a Worker. */
export interface Binding {
  name: string;
  type: string;
  /** What it leads to: a namespace's unique key, a Worker. */
  to?: string;
  /** Of a service. */
  entrypoint?: string;
  props?: unknown;
}

/** A Worker of the project. */
export interface ProjectWorker {
  name: string;
  config: string;
  classes: { name: string; namespace: string }[];
  bindings: Binding[];
  vars: Record<string, unknown>;
  /** The files that its code was made of. */
  files: string[];
}

/** A project; the first Worker is the one that answers HTTP. */
export interface Project {
  workers: ProjectWorker[];
}

/** Asks what runs. */
export async function readProject(endpoint: Endpoint): Promise<Project> {
  const { workers } = await callRoute<Schemas["Info"]>(endpoint, "GET", "info");
  const read = workers.map(async ({ name, config, classes, bindings }) => {
    const service = `services/${encodeURIComponent(name)}`;
    const [{ vars }, { files }] = await Promise.all([
      callRoute<Schemas["Vars"]>(endpoint, "GET", `${service}/vars`),
      callRoute<Schemas["Files"]>(endpoint, "GET", `${service}/files`),
    ]);
    return { name, config, classes, bindings, vars, files };
  });
  return { workers: await Promise.all(read) };
}

/** The env of a Worker: stubs that call by the caller, and the values of variables. */
export function makeEnv(worker: ProjectWorker, caller: Caller): Record<string, unknown> {
  const env: Record<string, unknown> = {};
  for (const binding of worker.bindings) {
    const value = bindingValue(worker, binding, caller);
    Object.defineProperty(env, binding.name, { ...value, enumerable: true, configurable: true });
  }
  return env;
}

function bindingValue(worker: ProjectWorker, { name, type, to, entrypoint, props }: Binding, caller: Caller): PropertyDescriptor {
  switch (type) {
    case "durable_object_namespace":
      return { value: new DurableObjectNamespace(caller, to!), writable: true };
    case "service":
      return { value: serviceStub(caller, to!, entrypoint, props), writable: true };
    case "variable":
      return { value: structuredClone(worker.vars[name]), writable: true };
  }
  return {
    get(): never {
      throw new Error(`The binding ${name} of the Worker ${worker.name} is of the kind ${type}, which doemu does not run.`);
    },
  };
}

/** The default export of a Worker, with what tests ask of it. */
export interface WorkerExport extends Stub {
  /** Runs the scheduled handler. */
  scheduled(options?: { cron?: string; scheduledTime?: Date | number }): Promise<{ outcome: "ok" | "exception"; noRetry: boolean }>;
}

/** Makes the stub of a Worker's default export. */
export function workerExport(name: string, caller: Caller): WorkerExport {
  const stub = serviceStub(caller, name);
  const scheduled: WorkerExport["scheduled"] = async ({ cron, scheduledTime } = {}) => {
    const at = scheduledTime === undefined ? undefined : new Date(scheduledTime).toISOString();
    const { outcome, noRetry } = await caller.route<Schemas["ScheduledResult"]>("POST", "scheduled", { worker: name, cron, at });
    return { outcome, noRetry } as Awaited<ReturnType<WorkerExport["scheduled"]>>;
  };
  return new Proxy(stub, {
    get: (target, key) => (key === "scheduled" ? scheduled : (Reflect.get(target, key) as unknown)),
  }) as WorkerExport;
}
