// What createTestHarness takes, and the configuration files that it makes of that.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

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

/** The environment of the Workers: one holds for all of a doemu. */
export function environmentOf({ workers }: TestHarnessOptions): { environment?: string } {
  const environments = new Set(workers.map((worker) => worker.env).filter((env) => env !== undefined));
  if (environments.size > 1) throw new Error(`The Workers of one harness run in one environment here, not in several: ${[...environments].join(", ")}.`);
  const [environment] = environments;
  return environment === undefined ? {} : { environment };
}

/** The configurations as files: those that stand in the options, or are changed by them, are written down. */
export async function writeConfigs({ root = ".", workers }: TestHarnessOptions): Promise<{ files: string[]; forget(): Promise<void> }> {
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
