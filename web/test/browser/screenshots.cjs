// The pictures in docs/screenshots.
const { mkdirSync, statSync } = require("node:fs");
const { join } = require("node:path");
const { pages, visit } = require("./pages.cjs");

const looks = {
  light: { colorScheme: "light", size: { width: 1200, height: 760 }, of: pages.map(({ name }) => name) },
  dark: { colorScheme: "dark", size: { width: 1200, height: 760 }, of: ["overview", "objects", "object-sql", "snapshots"] },
  phone: { colorScheme: "light", size: { width: 390, height: 844 }, of: ["overview", "object", "clock", "snapshots"] },
};
const mostBytes = 150 * 1024;

exports.take = async function take(page, directory) {
  mkdirSync(directory, { recursive: true });
  const viewport = page.viewportSize();
  await page.mouse.move(0, 500);
  for (const [look, { colorScheme, size, of }] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(size);
    for (const one of pages.filter(({ name }) => of.includes(name))) {
      await visit(page, one);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForFunction(() => !document.querySelector(".toast")); // what the walk has done is still told of
      const path = join(directory, `${one.name}${look === "light" ? "" : `-${look}`}.png`);
      await page.screenshot({ path, animations: "disabled", caret: "hide" });
      const { size: bytes } = statSync(path);
      if (bytes > mostBytes) throw new Error(`${path} has ${bytes} bytes, more than ${mostBytes}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(viewport);
};
