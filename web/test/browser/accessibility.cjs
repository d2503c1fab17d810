// Axe on every page, in light and in dark, and on the dialogs. https://github.com/dequelabs/axe-core
const { readFileSync } = require("node:fs");
const { pages, visit } = require("./pages.cjs");

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const click = (name) => (page) => page.getByRole("button", { name, exact: true }).click();

/** The dialogs, on the page from which each opens. */
const dialogs = [
  { name: "palette", on: "overview", open: (page) => page.keyboard.press("Control+k") },
  { name: "keys", on: "overview", open: (page) => page.keyboard.press("?") },
  { name: "moving an alarm", on: "alarms", open: click("Move") },
  { name: "choosing objects", on: "snapshots", open: click("Save chosen objects") },
  { name: "a second step", on: "snapshots", open: click("Restore") },
];

/** Finds what is serious or critical, as lines for a person. */
exports.check = async function check(page) {
  await page.evaluate(axe); // evaluated by the debugger, to which the page's policy does not apply
  const found = [];
  const look = async (where) => {
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const { id, impact, help, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      for (const node of nodes) found.push(`${where}: ${impact}: ${id}: ${help}: ${node.html.slice(0, 160)}\n    ${node.failureSummary.split("\n").at(-1).trim()}`);
    }
  };
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const one of pages) {
      await visit(page, one);
      await look(`${one.name}, ${colorScheme}`);
    }
    for (const { name, on, open } of dialogs) {
      await visit(page, pages.find((one) => one.name === on));
      await open(page);
      await page.getByRole("dialog").waitFor();
      await look(`${name}, ${colorScheme}`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
};
