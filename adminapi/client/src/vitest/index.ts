/**
 * The plugin for vitest: export default defineConfig({ plugins: [doemu()] }). It starts one doemu for the run, which
 * builds the project once, and gives each test a world of its own. It stays on vitest's public hooks.
 */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";
import type { TestProject, Vitest } from "vitest/node";
import { startDoemu } from "../doemu.js";
import { type DoemuPluginOptions, keepOptions } from "./options.js";
import { startOptions } from "./start.js";

export type { DoemuPluginOptions } from "./options.js";
export type { Isolation } from "./provided.js";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The modules that Workers and their tests import by names of Cloudflare's. */
const modules: Record<string, string> = {
  "cloudflare:test": file("../test/index.js"),
  "cloudflare:workers": file("../workers.js"),
};

/** Tests run in Node, and the project in doemu. */
export function doemu(options: DoemuPluginOptions = {}): Plugin {
  return {
    name: "doemu",
    enforce: "pre",
    resolveId: (id: string) => modules[id],
    config: () => ({ test: { globalSetup: [file("./global.js")], setupFiles: [file("./setup.js")] } }),
    configureVitest({ vitest, project }) {
      const { root } = project.config;
      // vitest does not see the files of the Workers imported.
      let sources = new Set<string>();
      let changed = false;
      (vitest.config.watchTriggerPatterns ??= []).push({
        pattern: /^/,
        testsToRun(path) {
          if (!sources.has(path)) return [];
          changed = true;
          return testFiles(vitest, project);
        },
      });
      const starting = startDoemu({ root, ...startOptions(options) });
      // Whose tests run has the error; what starts for tests that do not run is ended.
      starting.catch(() => {});
      vitest.onClose(async () => (await starting.catch(() => undefined))?.stop());
      keepOptions(project, {
        options, starting,
        built(files) {
          sources = new Set(files);
          vitest.vite.watcher.add(files);
        },
        takeChanged() {
          const before = changed;
          changed = false;
          return before;
        },
      });
    },
  };
}

const testFiles = (vitest: Vitest, project: TestProject): string[] =>
  vitest.state.getFiles().filter((file) => (file.projectName ?? "") === project.name).map((file) => file.filepath);

export default doemu;
