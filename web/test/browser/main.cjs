// The page in a real browser, against a real doemu that runs the chat.
// Usage: node main.cjs DOEMU CHROMIUM [--screenshots DIRECTORY]
// Of a failure a picture is left in the directory for temporary files. It needs playwright-core and axe-core.
const { chromium } = require("playwright-core");
const { join } = require("node:path");
const { tmpdir } = require("node:os");
const accessibility = require("./accessibility.cjs");
const budget = require("./budget.cjs");
const { start } = require("./doemu.cjs");
const { edits } = require("./edits.cjs");
const { comeBack } = require("./gone.cjs");
const narrow = require("./narrow.cjs");
const screenshots = require("./screenshots.cjs");
const { walk } = require("./walk.cjs");

const [binary, executablePath, flag, directory] = process.argv.slice(2);
const patience = 10_000;

async function main() {
  const doemu = await start(binary);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  let page;
  let doing = "the page opens";
  const step = async (name, does) => {
    doing = name;
    await does();
  };
  const open = async (options) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(patience);
    return context.newPage();
  };
  try {
    page = await open({ viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce", timezoneId: "UTC", locale: "en-GB" });
    // What the browser finds wrong: exceptions, what its policy forbids, other origins, answers that are errors. Those
    // that the page shows to a person, such as that an object is gone, are no mistakes.
    const shown = /status of 4(00|04|22)/;
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => request.url().startsWith(doemu.admin) || request.url().startsWith("blob:") || complaints.push(`a request to ${request.url()}`));
    page.on("console", (message) => message.type() === "error" && !shown.test(message.text()) && complaints.push(`${message.text()} ${message.location().url}`));
    await page.goto(doemu.admin);
    await page.getByRole("region", { name: "Durable Objects" }).waitFor();
    const paint = await budget.firstPaint(open, doemu.admin);

    const guest = async (name) => {
      const tab = await open({ viewport: { width: 720, height: 480 } });
      await tab.goto(`${doemu.url}/room/lobby?name=${name}`);
      await tab.getByText("connected", { exact: true }).waitFor();
      await tab.evaluate(() => (window.first = socket));
      return {
        hears: (text) => tab.getByText(text).waitFor(),
        reconnected: () => tab.evaluate(() => window.first !== socket || socket.readyState !== WebSocket.OPEN),
        async say(text) {
          await tab.getByLabel("Message").fill(text);
          await tab.getByRole("button", { name: "Send" }).click();
        },
      };
    };
    await walk({ page, doemu, guest, step });
    if (flag === "--screenshots") await step("screenshots", () => screenshots.take(page, directory));
    await edits({ page, doemu, step });
    await step("accessibility", async () => {
      const found = await accessibility.check(page);
      if (found.length > 0) throw new Error(`axe has serious findings:\n${found.join("\n")}`);
    });
    await step("a phone's width", async () => {
      const found = await narrow.wide(page);
      if (found.length > 0) throw new Error(found.join("\n"));
    });
    await step("nothing is wrong for the browser", () => {
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    });
    await comeBack({ page, doemu, step });
    await step("what it costs", () => console.log(`the page: the walk and axe find nothing wrong; ${budget.hold(paint)}`));
  } catch (error) {
    const path = join(tmpdir(), "doemu-page-failed.png");
    await page?.screenshot({ path }).catch(() => undefined);
    throw new Error(`${doing}: ${error.stack}\nThe page as it was: ${path}\n${doemu.said()}`);
  } finally {
    await browser.close();
    await doemu.stop();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
