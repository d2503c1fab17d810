// A doemu of its own for the test, with a copy of the chat that can be edited.
const { spawn } = require("node:child_process");
const { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { tmpdir } = require("node:os");

const fixture = join(__dirname, "../../../fixtures/chat");

/** Starts doemu, and resolves when it answers: `url` is the Worker's, `admin` that of the page. */
exports.start = async function start(binary) {
  const dir = mkdtempSync(join(tmpdir(), "doemu-page-"));
  const project = join(dir, "chat");
  cpSync(fixture, project, { recursive: true, filter: (path) => !path.includes(".wrangler") });
  const source = join(project, "src/room.ts");
  const run = (flags) => serve(binary, ["dev", project, "--port", "0", "--registry", join(dir, "sessions"), "--at", "2026-11-25T09:00:00Z", ...flags]);
  let running = await run(["--admin-port", "0"]);
  const [, admin] = running.said().match(/admin API (\S+)/);
  return {
    url: running.said().match(/Ready on (\S+)/)[1],
    admin,
    said: () => running.said(),
    source: { read: () => readFileSync(source, "utf8"), write: (text) => writeFileSync(source, text) },
    end: () => running.end(),
    /** Starts another one on the same state, whose page is at the same address. */
    async again(...flags) {
      running = await run(["--admin-port", new URL(admin).port, ...flags]);
    },
    async stop() {
      await running.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

async function serve(binary, args) {
  const server = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await new Promise((resolve, reject) => {
    const hear = (text) => (said += text).includes("Ready on") && resolve();
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    ended.then(() => reject(new Error(`doemu ended:\n${said}`)));
  });
  return {
    said: () => said,
    async end() {
      server.kill("SIGTERM");
      const status = await ended;
      if (status !== 0) throw new Error(`doemu ended with ${status}:\n${said}`);
    },
  };
}
