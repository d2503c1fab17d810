// The main job: two people chat in two browsers; a source is edited; they stay connected; the server
// is restarted; the history is there.
// Usage: node chat.cjs DOEMU CHROMIUM [SCREENSHOT-DIRECTORY]
const { chromium } = require("playwright-core");
const { spawn } = require("node:child_process");
const { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { tmpdir } = require("node:os");

const [doemu, executablePath, shots] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), "doemu-chat-"));
cpSync(join(__dirname, "../fixtures/chat"), dir, { recursive: true });

function start() {
  const server = spawn(doemu, ["dev", dir, "--port", "18788", "--admin-port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ready = new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => String(text).includes("Ready on") && resolve());
    server.on("exit", () => reject(new Error("doemu ended")));
  });
  return { server, ready, ended: new Promise((resolve) => server.on("exit", resolve)) };
}

async function main() {
  let running = start();
  await running.ready;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  try {
    const open = async (name) => {
      const page = await (await browser.newContext({ viewport: { width: 720, height: 480 } })).newPage();
      await page.goto(`http://localhost:18788/room/lobby?name=${name}`);
      await page.getByText("connected", { exact: true }).waitFor();
      return page;
    };
    const say = async (page, text) => {
      await page.getByLabel("Message").fill(text);
      await page.getByRole("button", { name: "Send" }).click();
    };
    const ann = await open("ann");
    const bob = await open("bob");
    await say(ann, "Hello Bob");
    await bob.getByText("Hello Bob").waitFor();

    // An edit: the tabs stay connected, and the next guest meets the new code.
    await ann.evaluate(() => { window.loaded = true; });
    const file = join(dir, "src/room.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace("Welcome to the room", "Edited while you watched"));
    for (;;) {
      const guest = await open("guest");
      const greeting = await guest.locator(".greeting").textContent();
      await guest.context().close();
      if (greeting.startsWith("Edited while you watched")) break;
    }
    await say(bob, "Still here?");
    await ann.getByText("Still here?").waitFor();
    if (!(await ann.evaluate(() => window.loaded && socket.readyState === 1))) throw new Error("the tab was not kept");
    if (shots) await ann.screenshot({ path: join(shots, "chat.png") });

    // A restart: the tabs come back by themselves, and so does the history.
    running.server.kill("SIGTERM");
    if ((await running.ended) !== 0) throw new Error("doemu did not end cleanly");
    running = start();
    await running.ready;
    const late = await open("late");
    await late.getByText("Hello Bob").waitFor();
    await late.getByText("Still here?").waitFor();
    console.log("chat: messages, edit, restart and history work in two browsers");
  } finally {
    await browser.close();
    running.server.kill("SIGTERM");
    await running.ended;
    rmSync(dir, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
