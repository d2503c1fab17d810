// What a person does with the page while two people chat: each step waits for what it has to see.
const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");

/** A walk through the page beside a chat of `ann` and `bob` in the room lobby. */
exports.walk = async function walk({ page, doemu, guest, step }) {
  const room = "#/objects/chat-Room/name%3Alobby";
  const to = (hash) => page.evaluate((hash) => (location.hash = hash), hash);
  const button = (name, within = page) => within.getByRole("button", { name, exact: true });
  const told = (text) => page.getByRole("region", { name: "Messages" }).getByText(text).waitFor();
  const state = (name) => page.locator(".object-head .state", { hasText: name }).waitFor();
  const history = async () => (await (await fetch(`${doemu.url}/room/lobby/history`)).json()).map(({ text }) => text);
  const confirm = async (action) => {
    await button(action, page.getByRole("dialog")).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };

  await step("the clock is stopped", async () => {
    await to("#/clock");
    await button("Freeze").click();
    await button("Resume").waitFor();
  });

  const others = ["garden", "kitchen", "library"];
  for (const name of others) await fetch(`${doemu.url}/room/${name}/history`);
  const ann = await guest("ann");
  const bob = await guest("bob");

  await step("the sockets of the chat appear", async () => {
    await to("#/objects/chat-Room");
    await page.getByRole("row", { name: /lobby/ }).click();
    await state("Idle");
    await page.getByRole("tab", { name: "WebSockets 2" }).click();
    const sockets = page.getByRole("list", { name: "WebSockets" });
    await sockets.getByRole("button", { name: /bob/ }).click();
    await bob.say("Hello Ann");
    await page.getByRole("log").getByText("Hello Ann").first().waitFor();
    await ann.hears("Hello Ann");
  });

  await step("the room falls asleep, and its sockets stay", async () => {
    await to("#/clock");
    await button("+1 min").click();
    await page.getByRole("region", { name: "What ran" }).getByText("lobby").first().waitFor();
    await to(room);
    await state("Hibernated");
    await page.getByRole("tab", { name: "WebSockets 2" }).waitFor();
  });

  await step("looking at its rows does not wake it, and a message does", async () => {
    await page.getByRole("tab", { name: /^SQL/ }).click();
    await page.getByRole("gridcell", { name: "Hello Ann" }).waitFor();
    await state("Hibernated");
    await ann.say("Still here?");
    await bob.hears("Still here?");
    await state("Idle");
    await page.getByRole("gridcell", { name: "Still here?" }).waitFor();
  });

  await step("a row is edited, and the Worker sees it", async () => {
    await page.getByRole("gridcell", { name: "Hello Ann" }).dblclick();
    const editor = page.getByRole("textbox", { name: "text" });
    await editor.fill("Good morning, Ann");
    await editor.press("Enter");
    await page.getByRole("gridcell", { name: "Good morning, Ann" }).waitFor();
    assert.deepEqual(await history(), ["Good morning, Ann", "Still here?"]);
  });

  await step("a snapshot is saved, and what has changed since is seen", async () => {
    await to("#/snapshots");
    await page.getByRole("textbox", { name: "Name of the new snapshot" }).fill("before");
    await button("Save").click();
    await told("Saved before: 4 objects");
    await bob.say("What was not to be said");
    await ann.hears("What was not to be said");
    await button("What has changed since").click();
    const added = page.getByRole("table", { name: "Rows of messages that differ" }).getByRole("row", { name: /added/ });
    await added.getByText("What was not to be said").waitFor();
  });

  await step("chosen objects are saved alone", async () => {
    await button("Save chosen objects").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("lobby-alone");
    await dialog.getByLabel("Name or id of an object").fill("lobby");
    await button("Choose", dialog).click();
    await confirm("Save");
    await page.getByRole("link", { name: /lobby-alone .* chosen objects/ }).waitFor();
  });

  await step("an archive of it is taken away, and brings it back", async () => {
    const taken = page.waitForEvent("download");
    await button("Export as an archive").click();
    const archive = await taken;
    assert.equal(archive.suggestedFilename(), "lobby-alone.tar.gz");
    await button("Delete the snapshot").click();
    await confirm("Delete the snapshot");
    await told("lobby-alone is deleted");
    const file = { name: archive.suggestedFilename(), mimeType: "application/gzip", buffer: readFileSync(await archive.path()) };
    await page.getByLabel("Archive", { exact: true }).setInputFiles(file);
    await page.getByRole("link", { name: /lobby-alone .* chosen objects/ }).waitFor();
  });

  await step("an alarm is fired by hand", async () => {
    await to("#/alarms");
    await button("Fire", page.getByRole("row", { name: /lobby/ })).click();
    await told("The alarm of lobby has run");
  });

  await step("a day passes, and the alarm forgets the messages", async () => {
    await to("#/clock");
    await page.getByRole("textbox", { name: "Span of time" }).fill("25h");
    await button("Advance").click();
    await page.getByRole("region", { name: "What ran" }).getByRole("listitem").filter({ hasText: "alarm" }).first().waitFor();
    assert.deepEqual(await history(), []);
  });

  await step("the snapshot brings them back, and the chat stays connected", async () => {
    await to("#/snapshots/before");
    await button("Restore").click();
    await page.getByRole("dialog").getByText("Room lobby changes back").waitFor();
    await page.getByLabel("Keep hibernatable WebSockets connected").check();
    await confirm("Restore");
    await told("4 objects restored");
    assert.deepEqual(await history(), ["Good morning, Ann", "Still here?"]);
    await ann.say("As if nothing had been");
    await bob.hears("As if nothing had been");
    assert.equal(await ann.reconnected(), false);
  });

  await step("what is changed from elsewhere is seen at once", async () => {
    await to(`${room}?tab=sql`);
    await page.getByRole("gridcell", { name: "Good morning, Ann" }).waitFor();
    const sql = "UPDATE messages SET text = 'Good evening, Ann' WHERE id = 1";
    const answer = await fetch(`${doemu.admin}/api/v1/namespaces/chat-Room/objects/name:lobby/storage/query`, { method: "POST", body: JSON.stringify({ sql }) });
    assert.equal(answer.status, 200);
    await page.getByRole("gridcell", { name: "Good evening, Ann" }).waitFor();
  });

  await step("a fault makes an alarm fail, and the page shows why", async () => {
    await to("#/faults");
    await page.getByRole("combobox", { name: "Where" }).selectOption("alarm");
    await page.getByRole("textbox", { name: "Message" }).fill("the disk is full");
    await button("Add").click();
    await page.getByRole("list").getByText("An alarm fails").waitFor();
    await button("Edit: An alarm fails").click();
    await page.getByRole("textbox", { name: "How many times" }).fill("1");
    await button("Save").click();
    await page.getByRole("list").getByText("An alarm fails, the next time").waitFor();
    await to("#/alarms");
    await button("Fire", page.getByRole("row", { name: /lobby/ })).click();
    await told(/The alarm of lobby failed: .*the disk is full/);
    await button("Dismiss").last().click();
    await page.getByRole("cell", { name: /1 failure/ }).waitFor();
    await to("#/logs?trouble=1");
    await page.getByRole("list", { name: "Events" }).getByText("the disk is full").first().waitFor();
    await button("Pause").click();
    await history();
    await page.getByText("2 events since the pause").waitFor();
    await button("Go on").click();
  });

  await step("a broken build is shown, and the last good one serves", async () => {
    const good = doemu.source.read();
    await to("#/");
    doemu.source.write(good.replace("history(): Message[] {", "history(): Message[] { return (;"));
    const problem = page.getByText("The last build of chat failed.");
    await problem.waitFor();
    await page.getByText("src/room.ts").first().waitFor();
    assert.equal((await history()).length, 3);
    doemu.source.write(good);
    await problem.waitFor({ state: "detached" });
  });

  await step("an object is taken out of memory by hand", async () => {
    for (const name of others) await fetch(`${doemu.url}/room/${name}/history`);
    await to("#/objects/chat-Room/name%3Alibrary");
    await state("Idle");
    await button("Evict").click();
    await confirm("Evict");
    await state("Evicted");
  });
};
