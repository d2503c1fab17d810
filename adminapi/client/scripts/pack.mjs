// Makes the npm packages: one with the binary for each platform, of which npm installs the one that fits, and doemu,
// which names them. Usage: node scripts/pack.mjs OUT VERSION [PLATFORM...], as in make npm.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { platforms as all } from "../dist/binary.js";

const [out, version, ...chosen] = process.argv.slice(2);
if (version === undefined) throw new Error("usage: node scripts/pack.mjs OUT VERSION [PLATFORM...]");
const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const repository = join(client, "../..");
const work = mkdtempSync(join(tmpdir(), "doemu-npm-"));
const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const { license } = manifest;
mkdirSync(out, { recursive: true });

const go = { win32: "windows", x64: "amd64" };

function pack(name, manifest, fill) {
  const directory = join(work, name.replace("/", "-"));
  mkdirSync(directory);
  cpSync(join(repository, "LICENSE"), join(directory, "LICENSE"));
  fill(directory);
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ name, version, license, ...manifest }, undefined, 2)}\n`);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(out)], { cwd: directory, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
}

try {
  for (const platform of chosen.length > 0 ? chosen : all) {
    const [os, cpu] = platform.split("-");
    const binary = os === "win32" ? "doemu.exe" : "doemu";
    pack(`@doemu/${platform}`, { description: `The doemu binary for ${platform}`, os: [os], cpu: [cpu], files: [binary], preferUnplugged: true }, (directory) => {
      writeFileSync(join(directory, "README.md"), `The doemu binary for ${platform}, which the package doemu uses.\n`);
      const flags = ["-buildvcs=false", "-trimpath", "-ldflags", `-s -w -X main.version=${version}`];
      execFileSync("go", ["build", ...flags, "-o", join(directory, binary), "./cmd/doemu"], {
        cwd: repository, stdio: "inherit", env: { ...process.env, CGO_ENABLED: "0", GOOS: go[os] ?? os, GOARCH: go[cpu] ?? cpu },
      });
    });
  }
  const { devDependencies, scripts, ...published } = manifest;
  const optionalDependencies = Object.fromEntries(all.map((platform) => [`@doemu/${platform}`, version]));
  pack("doemu", { ...published, version, optionalDependencies }, (directory) => {
    for (const name of ["bin", "dist", "README.md"]) cpSync(join(client, name), join(directory, name), { recursive: true });
  });
} finally {
  rmSync(work, { recursive: true });
}
