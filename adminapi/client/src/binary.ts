// Where the doemu binary is: each platform has a package of its own, of which npm installs the one that fits.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { DoemuError } from "./errors.js";

const require = createRequire(import.meta.url);

/** The platforms that there are packages for, as process.platform and process.arch say it. */
export const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];

/** The path of the binary: DOEMU_BINARY, or that of the platform's package. */
export function findBinary(environ: NodeJS.ProcessEnv = process.env): string {
  const given = environ["DOEMU_BINARY"];
  if (given !== undefined && given !== "") {
    if (!existsSync(given)) throw new DoemuError(`DOEMU_BINARY names ${given}, where there is no file.`);
    return given;
  }
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform)) {
    throw new DoemuError(`There is no doemu for ${platform}, only for ${platforms.join(", ")}. Name a binary of your own with DOEMU_BINARY.`);
  }
  try {
    return require.resolve(`@doemu/${platform}/${process.platform === "win32" ? "doemu.exe" : "doemu"}`);
  } catch {
    throw new DoemuError(
      `The package @doemu/${platform}, which has the doemu binary, is not installed. npm leaves it out with --omit=optional, and when ` +
        "node_modules comes from another system: run npm install here without that, or name a binary with DOEMU_BINARY.",
    );
  }
}
