import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const licenses = "licenses.md";
const fonts = ["@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"];

/** Vite lists the licences of scripts; the fonts come from styles. */
function fontLicenses(): Plugin {
  return {
    name: "font-licenses",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const font of fonts) {
        const { version, license } = JSON.parse(readFileSync(`node_modules/${font}/package.json`, "utf8")) as { version: string; license: string };
        const text = readFileSync(`node_modules/${font}/LICENSE`, "utf8").trim();
        appendFileSync(join(dir, licenses), `\n## ${font} - ${version} (${license})\n\n${text}\n`);
      }
    },
  };
}

// The built form is committed and embedded. `npm run dev` serves the source instead, in front of a doemu
// that runs on the usual port of its admin API.
export default defineConfig({
  base: "./",
  plugins: [fontLicenses()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    license: { fileName: licenses },
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8788" } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
