import type { TestProject } from "vitest/node";
import type { Doemu, DoemuOptions } from "../doemu.js";
import type { WorldOptions } from "../world.js";
import type { Console, Isolation } from "./provided.js";

/** What the plugin takes. */
export interface DoemuPluginOptions extends Omit<DoemuOptions, "clock" | "at" | "seed" | "persistTo" | "env"> {
  /** What gets a world of its own: each test (if not given), each file, or nothing. */
  isolate?: Isolation;
  /** How worlds begin: with a clock that stands, at a time, with a seed. */
  world?: Pick<WorldOptions, "clock" | "at" | "seed">;
  /** Whose console lines are shown: those of all tests (if not given), of failed ones, or none. */
  console?: Console;
}

/** What the plugin keeps for its global setup, which vitest loads by itself. */
interface Kept {
  options: DoemuPluginOptions;
  /** The doemu that starts, while vitest still prepares itself. */
  starting: Promise<Doemu>;
  /** Is told which files the Workers are made of, each time that they are built. */
  built(files: string[]): void;
  /** Whether one of them has changed since somebody asked. */
  takeChanged(): boolean;
}

const place = Symbol.for("doemu.vitest.plugins");
const plugins = ((globalThis as Record<symbol, unknown>)[place] ??= new Map<string, Kept>()) as Map<string, Kept>;

const keyOf = ({ name, config }: TestProject): string => `${config.root}\0${name}`;

export const keepOptions = (project: TestProject, kept: Kept): void => void plugins.set(keyOf(project), kept);

export function optionsOf(project: TestProject): Kept {
  const kept = plugins.get(keyOf(project));
  if (kept === undefined) throw new Error(`The plugin doemu() is not in the configuration of ${project.config.root}.`);
  return kept;
}
