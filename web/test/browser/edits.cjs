// What a person changes in an object by hand, and what the page asks before.
const assert = require("node:assert/strict");

const garden = "#/objects/chat-Room/name%3Agarden";

/** Edits what objects have; what it begins with is what the walk leaves. */
exports.edits = async function edits({ page, doemu, step }) {
  const to = (hash) => page.evaluate((hash) => (location.hash = hash), hash);
  const button = (name, within = page) => within.getByRole("button", { name, exact: true });
  const dialog = page.getByRole("dialog");
  const told = (text) => page.getByRole("region", { name: "Messages" }).getByText(text).waitFor();
  const stored = async (key) => (await (await fetch(`${doemu.admin}/api/v1/namespaces/chat-Room/objects/name:garden/storage/kv/${key}`)).json()).result?.json;
  const write = async (editor, text) => {
    await page.locator(`[data-editor="${editor}"] .cm-content`).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
  };

  await step("the console completes, explains, runs, and says what is wrong", async () => {
    await to("#/objects/chat-Room/name%3Alobby?tab=sql&console=1");
    await write("SQL", "select * from mess");
    await page.locator(".cm-completionLabel", { hasText: "messages" }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.type("ages where name = 'ann'");
    await page.keyboard.press("Control+Shift+Enter");
    await page.getByText("reads every row").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByRole("region", { name: "Result" }).getByText("Still here?").waitFor();
    await write("SQL", "select nope");
    await page.keyboard.press("Control+Enter");
    await page.getByText("no such column: nope").waitFor();
  });

  await step("it asks before a statement writes, and names it", async () => {
    await write("SQL", "delete from messages");
    await page.keyboard.press("Control+Enter");
    await dialog.getByText("delete from messages").waitFor();
    await button("Cancel", dialog).click();
    await page.getByRole("link", { name: "Room", exact: true }).waitFor();
    await to("#/objects/chat-Room/name%3Alobby?tab=sql");
    await page.getByRole("gridcell", { name: "Still here?" }).waitFor();
  });

  await step("a method is called, and its answer shown", async () => {
    await to("#/objects/chat-Room/name%3Alobby");
    await page.getByRole("textbox", { name: "Method" }).fill("history");
    await button("Call").click();
    await page.locator(".answer").getByText("Still here?").waitFor();
  });

  await step("a value is stored, changed and deleted", async () => {
    await to(`${garden}?tab=kv`);
    await button("Add").click();
    await page.getByPlaceholder("Key", { exact: true }).fill("tools");
    await write("Value of the new key, as JSON", '["rake"');
    await button("Store").click();
    await told("tools is stored");
    assert.deepEqual(await stored("tools"), ["rake"]);
    await write("Value of tools, as JSON", '{"rakes": 2');
    await button("Store").click();
    await page.getByRole("row", { name: /tools/ }).getByText("{rakes: 2}").waitFor();
    assert.deepEqual(await stored("tools"), { rakes: 2 });
    await button("Delete the key").click();
    await dialog.getByText("tools", { exact: true }).waitFor();
    await button("Delete the key", dialog).click();
    await page.getByText("No keys").waitFor();
  });

  await step("an alarm is set, moved and cancelled", async () => {
    await to(garden);
    await button("Set one").click();
    await page.getByLabel(/Time in UTC/).fill("+2h");
    await button("Set").click();
    await page.getByRole("region", { name: "Alarm" }).getByText("2:00:00").waitFor();
    await to("#/alarms");
    const row = page.getByRole("row", { name: /garden/ });
    await button("Move", row).click();
    await dialog.getByLabel(/Time in UTC/).fill("+1d");
    await button("Move", dialog).click();
    await row.getByText("1d 00:00:00").waitFor();
    await button("Cancel", row).click();
    await button("Cancel the alarm", dialog).click();
    await row.waitFor({ state: "detached" });
  });

  await step("a row is added and deleted", async () => {
    await to(`${garden}?tab=sql`);
    await button("Add a row").click();
    await page.getByLabel("text of the new row").fill("A first word");
    await page.keyboard.press("Enter");
    await page.getByRole("gridcell", { name: "A first word" }).waitFor();
    await button("Delete the row").click();
    await dialog.getByText("text: A first word").waitFor();
    await button("Delete the row", dialog).click();
    await page.getByText("messages has no rows").waitFor();
  });

  await step("an object is deleted, but not by the first click", async () => {
    await to(garden);
    await button("Delete").click();
    await dialog.getByText("chat-Room garden").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await button("Delete").click();
    await button("Delete the object", dialog).click();
    await page.getByText("There is no such object").waitFor();
  });

  await step("pages and objects are reached by keys", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("heading", { name: "Objects", exact: true }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("lob");
    await page.getByRole("option", { name: /lobby/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "lobby" }).first().waitFor();
    await page.keyboard.press("t");
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await page.keyboard.press("t");
  });
};
