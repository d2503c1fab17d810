// Starting doemu, and the worlds in it.

import { resolve } from "node:path";
import { type Admin, createAdmin } from "./admin.js";
import { callRoute } from "./api.js";
import type { DoemuError } from "./errors.js";
import { type LogLine, type Running, startProcess } from "./process.js";
import { type Project, readProject } from "./project.js";
import { World, type WorldOptions } from "./world.js";
import { endWorld, newWorld } from "./worlds.js";

/** What doemu runs, and how. */
export interface DoemuOptions {
  /** The directory of the project; that of this process if not given. */
  root?: string;
  /** The wrangler configurations, the first one's Worker answers HTTP; found in the directory if not given. */
  config?: string | string[];
  /** The environment of the configuration. */
  environment?: string;
  /** Variables in place of the configuration's. */
  vars?: Record<string, string>;
  /** The port of the Worker; any if not given. */
  port?: number;
  /** The port of the admin API; any if not given. */
  adminPort?: number;
  /** A directory to keep the state in; it is kept in memory if not given. */
  persistTo?: string;
  /** Whether time passes by itself; real if not given. */
  clock?: "real" | "frozen";
  /** What the time is when it starts, in the form of RFC 3339. */
  at?: string;
  /** Makes all randomness the same each time. */
  seed?: number;
  /** The limits of storage: production if not given. */
  limits?: "production" | "workerd" | "off";
  /** Further arguments of doemu serve. */
  args?: string[];
  /** The environment of the process, this one's if not given. */
  env?: NodeJS.ProcessEnv;
  /** Takes the lines of its log. */
  log?: (line: LogLine) => void;
}

/** A running doemu. */
export interface Doemu extends AsyncDisposable {
  /** The URL of the first Worker. */
  readonly url: string;
  /** The URL of the admin API. */
  readonly adminUrl: string;
  readonly pid: number;
  /** A client of the admin API. */
  readonly admin: Admin;
  /** What runs. */
  readonly project: Project;
  /** The first world, which the URLs lead to. */
  readonly main: World;
  /** Makes a further world. */
  world(options?: WorldOptions): Promise<World>;
  /** Builds the code again; what fails leaves the code from before, and throws. */
  reload(): Promise<Project>;
  /** Ends doemu. */
  stop(): Promise<void>;
  /** Settles when it has ended: with why, if that was not asked for. */
  readonly ended: Promise<DoemuError | undefined>;
}

/** Starts doemu. It ends with stop(), and with this process in whatever way that ends. */
export async function startDoemu(options: DoemuOptions = {}): Promise<Doemu> {
  const running = await startProcess(argumentsOf(options), resolve(options.root ?? "."), options.env ?? process.env, options.log ?? (() => {}));
  try {
    return makeDoemu(running, await readProject(running));
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function makeDoemu(running: Running, project: Project): Doemu {
  const { url, adminUrl, pid, stop, ended } = running;
  return {
    url, adminUrl, pid, stop, ended,
    admin: createAdmin(running),
    get project() {
      return project;
    },
    main: new World(project, () => Promise.resolve(running), stop),
    async world(world) {
      const endpoint = await newWorld(running, world);
      return new World(project, () => Promise.resolve(endpoint), () => endWorld(running, endpoint));
    },
    async reload() {
      await callRoute(running, "POST", "reload");
      return (project = await readProject(running));
    },
    [Symbol.asyncDispose]: stop,
  };
}

function argumentsOf(options: DoemuOptions): string[] {
  const args = ["--port", String(options.port ?? 0), "--admin-port", String(options.adminPort ?? 0)];
  for (const file of [options.config ?? []].flat()) args.push("--config", file);
  if (options.persistTo === undefined) args.push("--ephemeral");
  const flags = {
    env: options.environment, "persist-to": options.persistTo, clock: options.clock, at: options.at, seed: options.seed, limits: options.limits,
  };
  for (const [flag, value] of Object.entries(flags)) if (value !== undefined) args.push(`--${flag}`, String(value));
  for (const [name, value] of Object.entries(options.vars ?? {})) args.push("--var", `${name}:${value}`);
  return [...args, ...(options.args ?? [])];
}
