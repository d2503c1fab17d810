// What the page may cost: until something is seen, and in the binary.
const { readdirSync, statSync } = require("node:fs");
const { join } = require("node:path");

const dist = join(__dirname, "../../dist");
const mostMillis = 500;
const mostBytes = 1.5 * 1024 * 1024;

/** What else runs on the machine makes a load slower, and never quicker: the quickest of some says what the page costs. */
const loads = 3;

/** Milliseconds from the start of the navigation to the first paint of something that can be read, with nothing in the cache. */
exports.firstPaint = async function firstPaint(open, url) {
  const paints = [];
  for (let n = 0; n < loads; n++) {
    const page = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    paints.push(await paintOf(page));
    await page.context().close();
  }
  return Math.min(...paints);
};

const paintOf = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntries().find((entry) => entry.name === "first-contentful-paint");
          if (paint) resolve(paint.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );

exports.embedded = () => readdirSync(dist, { recursive: true }).reduce((sum, name) => (statSync(join(dist, name)).isFile() ? sum + statSync(join(dist, name)).size : sum), 0);

/** Says what was measured, or throws. */
exports.hold = function hold(paint) {
  const bytes = exports.embedded();
  const measured = `first paint after ${Math.round(paint)} ms, ${Math.round(bytes / 1024)} KiB embedded`;
  if (paint > mostMillis || bytes > mostBytes) throw new Error(`${measured}: more than ${mostMillis} ms or ${mostBytes / 1024} KiB`);
  return measured;
};
