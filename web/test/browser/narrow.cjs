// The page on a phone.
const { pages, visit } = require("./pages.cjs");

/** Finds pages that are wider than a phone. */
exports.wide = async function wide(page) {
  const found = [];
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const one of pages) {
    await visit(page, one);
    const over = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector("main").scrollWidth) - innerWidth);
    if (over > 0) found.push(`${one.name} is ${over} pixels wider than the screen`);
  }
  await page.setViewportSize(before);
  return found;
};
