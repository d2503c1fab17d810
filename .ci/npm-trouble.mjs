// What goes wrong in a run of vitest is said clearly and once, and no doemu stays. Usage: node npm-trouble.mjs APP, a
// project with the packages installed and the counter's Worker.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const app = process.argv[2];
const failures = [];

/** A copy of the app with other files. */
function project(files) {
  const directory = mkdtempSync(join(app, "../trouble-"));
  for (const name of ["src", "wrangler.jsonc", "package.json", "vitest.config.ts"]) cpSync(join(app, name), join(directory, name), { recursive: true });
  symlinkSync(join(app, "node_modules"), join(directory, "node_modules"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** Runs vitest; what it says, and its exit code. */
function vitest(directory, env = {}, command = "run") {
  const child = spawn(process.execPath, [join(app, "node_modules/vitest/vitest.mjs"), command, "--no-color"], {
    cwd: directory, env: { ...process.env, NO_COLOR: "1", DOEMU_BINARY: "", ...env },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (text += data));
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, text }))) };
}

async function check(what, { code, text }, ...wants) {
  for (const want of wants) {
    const times = text.split(want).length - 1;
    if (code === 0 || times !== 1) failures.push(`${what}: exit code ${code}, and ${times} times ${JSON.stringify(want)} in\n${text}`);
  }
}

const test = (body, imports = "env") => `import { ${imports} } from "doemu/test";
import { expect, test } from "vitest";
${body}`;

const counts = test('test("counts", async () => expect(await env.COUNTER.getByName("a").add(2)).toBe(2));');
const config = (options) => `import { doemu } from "doemu/vitest";
import { defineConfig } from "vitest/config";
export default defineConfig({ plugins: [doemu(${options})], test: { testTimeout: 1000 } });`;

const cases = {
  async "the binary is missing"() {
    await check("DOEMU_BINARY", await vitest(project({ "a.test.ts": counts }), { DOEMU_BINARY: "/nowhere/doemu" }).ended, "DOEMU_BINARY names /nowhere/doemu, where there is no file.");
    const bare = project({ "a.test.ts": counts });
    rmSync(join(bare, "node_modules"));
    mkdirSync(join(bare, "node_modules"));
    for (const name of readdirSync(join(app, "node_modules"))) {
      if (name === "@doemu") continue;
      const [from, to] = [join(app, "node_modules", name), join(bare, "node_modules", name)];
      // Node finds what a linked package needs where that really is.
      if (name === "doemu") cpSync(from, to, { recursive: true });
      else symlinkSync(from, to);
    }
    await check("the platform's package", await vitest(bare).ended, "which has the doemu binary, is not installed.");
  },
  async "the project does not build"() {
    const broken = project({ "a.test.ts": counts, "b.test.ts": counts, "src/index.ts": "export default {\n  fetch( {\n" });
    await check("a build that fails", await vitest(broken).ended, 'Expected identifier but found end of file');
  },
  async "a test that never ends"() {
    const hanging = project({
      "vitest.config.ts": config(""),
      "a.test.ts": test(`
test("hangs", async () => { await runInDurableObject(env.COUNTER.getByName("a"), () => new Promise(() => setTimeout(() => {}, 1e6))); });
test("goes on", async () => {
  expect(await env.COUNTER.getByName("a").add(1)).toBe(1);
  const { adminUrl } = await currentWorld().urls();
  const { result } = await (await fetch(new URL("/api/v1/worlds", adminUrl))).json();
  expect(result).toHaveLength(1);
});`, "env, currentWorld, runInDurableObject"),
    });
    await check("a test that never ends", await vitest(hanging).ended, "Test timed out in 1000ms", "1 failed | 1 passed");
  },
  async "an object that crashes in each test"() {
    const crashing = project({
      "a.test.ts": test(`
for (const n of [1, 2, 3]) test("crash " + n, async () => {
  const counter = env.COUNTER.getByName("a");
  expect(await counter.add(n)).toBe(n);
  await runInDurableObject(counter, (_, state, n) => state.abort("crash number " + n), n);
});`, "env, runInDurableObject"),
    });
    await check("an object that crashes", await vitest(crashing).ended, "Error: crash number 1\n", "Error: crash number 3\n", "3 failed (3)");
  },
  async "a port that is taken"() {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address();
    const taken = project({ "vitest.config.ts": config(`{ port: ${port} }`), "a.test.ts": counts });
    await check("a port that is taken", await vitest(taken).ended, `Address already in use (127.0.0.1:${port})`);
    server.close();
  },
  async "a Worker that is edited while vitest watches"() {
    const edited = project({ "a.test.ts": counts });
    const source = readFileSync(join(edited, "src/index.ts"), "utf8");
    const { child, ended } = vitest(edited, {}, "watch");
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    child.stderr.on("data", (data) => (text += data));
    const says = async (want, act) => {
      text = "";
      act?.();
      for (let n = 0; !text.includes(want) && child.exitCode === null && n < 400; n++) await pause(50);
      if (!text.includes(want)) failures.push(`watch: not ${JSON.stringify(want)}, but\n${text}`);
    };
    const write = (changed) => () => writeFileSync(join(edited, "src/index.ts"), changed);
    await says("1 passed");
    await says("expected 3 to be 2", write(source.replace("+ amount", "+ amount + 1")));
    await says("Expected identifier but found end of file", write("export default {\n  fetch( {\n"));
    await says("1 passed", write(source));
    child.kill("SIGINT");
    await ended;
  },
  async "vitest is killed"() {
    const killed = project({ "a.test.ts": test('test("tells", async () => { await env.COUNTER.getByName("a").add(1); console.log("it runs"); await new Promise(() => {}); }, 1e6);') });
    const { child, ended } = vitest(killed);
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    while (!text.includes("it runs") && child.exitCode === null) await pause(50);
    child.kill("SIGKILL"); // its workers and doemu hear of it by their pipes
    await ended;
  },
};

for (const [what, run] of Object.entries(cases)) {
  console.log(`  ${what}`);
  await run();
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
