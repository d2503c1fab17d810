// A world: a state of its own of the project, with its storage, alarms, clock, faults and journal.

import type { Admin, Schemas } from "./admin.js";
import type { Endpoint } from "./api.js";
import { Caller } from "./calls.js";
import { Clock } from "./clock.js";
import { makeEnv, type Project, type ProjectWorker, type WorkerExport, workerExport } from "./project.js";

/** How a world begins. */
export interface WorldOptions {
  /** The name of a snapshot to begin with. */
  from?: string;
  /** The id of the world that has the snapshot; the first world if not given. */
  world?: string;
  /** Whether time passes by itself there; real if not given. */
  clock?: "real" | "frozen";
  /** What the time is when it begins, in the form of RFC 3339. */
  at?: string;
  /** Makes all randomness there the same each time. */
  seed?: number;
  /** What it is called where worlds are listed. */
  name?: string;
}

export type Snapshot = Schemas["SnapshotSummary"];
export type FaultRule = Schemas["Rule"];
export type JournalEvent = Schemas["Event"];

/** Which events of a journal are asked for. */
export interface JournalFilter {
  namespace?: string;
  object?: string;
  /** As request, rpc, alarm or console. */
  kind?: string | string[];
  /** The number of an event: those after it. */
  since?: number;
}

/** Rules by which objects meet failures. */
export class Faults {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Sets the rules, in place of those before. */
  async set(...rules: FaultRule[]): Promise<void> {
    await this.#caller.route("PUT", "faults", { rules });
  }

  async clear(): Promise<void> {
    await this.set();
  }

  /** The rules, with how often each was met and happened. */
  async list(): Promise<Schemas["ActiveRule"][]> {
    return (await this.#caller.route<Schemas["FaultRules"]>("GET", "faults")).rules;
  }
}

export class World {
  /** The project that runs. */
  readonly project: Project;
  readonly clock: Clock;
  readonly faults: Faults;
  /** The env of the first Worker. */
  readonly env: Record<string, unknown>;
  /** The default export of the first Worker. */
  readonly SELF: WorkerExport;
  /** @internal */
  readonly caller: Caller;
  readonly #endpoint: () => Promise<Endpoint>;
  readonly #end: () => Promise<void>;
  #admin: Promise<Admin> | undefined;

  /** @internal */
  constructor(project: Project, endpoint: () => Promise<Endpoint>, end: () => Promise<void>) {
    this.project = project;
    this.#endpoint = endpoint;
    this.#end = end;
    this.caller = new Caller(endpoint);
    this.clock = new Clock(this.caller);
    this.faults = new Faults(this.caller);
    const first = project.workers[0]!;
    this.env = makeEnv(first, this.caller);
    this.SELF = workerExport(first.name, this.caller);
  }

  /** The URLs of the Worker and of the admin API, in this world. */
  async urls(): Promise<Pick<Endpoint, "url" | "adminUrl">> {
    const { url, adminUrl } = await this.#endpoint();
    return { url, adminUrl };
  }

  /** A client of this world's admin API. */
  admin(): Promise<Admin> {
    return (this.#admin ??= this.#makeAdmin());
  }

  async #makeAdmin(): Promise<Admin> {
    // Most tests do without.
    const { createAdmin } = await import("./admin.js");
    return createAdmin(await this.#endpoint());
  }

  /** A Worker of the project by its name. */
  worker(name: string): { project: ProjectWorker; env: Record<string, unknown>; export: WorkerExport } {
    const project = this.project.workers.find((worker) => worker.name === name);
    if (project === undefined) {
      throw new Error(`There is no Worker ${name}. There are: ${this.project.workers.map((worker) => worker.name).join(", ")}.`);
    }
    return { project, env: makeEnv(project, this.caller), export: workerExport(name, this.caller) };
  }

  /** Saves the state, or that of chosen objects. */
  snapshot(name?: string, objects?: Schemas["Place"][]): Promise<Snapshot> {
    return this.caller.route("POST", "snapshots", { name, objects });
  }

  /** Goes back to a snapshot; hibernatable WebSockets are closed or stay connected. */
  async restore(snapshot: string | Snapshot, options: { webSockets?: "close" | "keep" } = {}): Promise<void> {
    const name = typeof snapshot === "string" ? snapshot : snapshot.name;
    await this.caller.route("POST", `snapshots/${encodeURIComponent(name)}/restore`, options);
  }

  /** Waits until nothing is being done any more, and all messages are where they were sent to. */
  async settle(): Promise<void> {
    await this.#flush();
    await this.clock.settle();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    await Promise.all([...this.caller.sockets].map((socket) => socket.flush()));
  }

  /** What happened, the oldest first. */
  journal({ kind, ...filter }: JournalFilter = {}): Promise<JournalEvent[]> {
    const query = new URLSearchParams({ limit: "100000" });
    for (const [name, value] of Object.entries({ ...filter, kind: [kind ?? []].flat().join() })) if (value !== "") query.set(name, String(value));
    return this.caller.route("GET", `journal?${query}`);
  }

  /** Deletes all objects: storage, alarms and WebSockets. */
  async reset(): Promise<void> {
    await this.caller.route("POST", "reset");
  }

  /** Ends the world: what it has is gone, and calls under way fail. */
  async close(): Promise<void> {
    for (const socket of this.caller.sockets) socket.terminate();
    await this.#end();
  }
}
