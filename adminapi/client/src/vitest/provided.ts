// What the plugin, which runs once, tells the test files.

import type { Project } from "../project.js";
import type { WorldOptions } from "../world.js";

/** What gets a world of its own: each test, each test file, or nothing, so that all tests share one state. */
export type Isolation = "test" | "file" | "run";

/** The tests whose Workers' console lines are shown. */
export type Console = "all" | "failed" | "none";

/** What a test file has to know. */
export interface Provided {
  url: string;
  adminUrl: string;
  project: Project;
  isolate: Isolation;
  world: WorldOptions;
  console: Console;
  /** Why the project could not be built again. */
  failed?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    doemu: Provided;
  }
}
