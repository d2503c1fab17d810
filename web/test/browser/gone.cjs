// A doemu that ends while its page is open, and one that comes back and wants a token.

/** Ends doemu; the page says so, and goes on with the next one by itself. */
exports.comeBack = async function comeBack({ page, doemu, step }) {
  await step("the page says that doemu is gone", async () => {
    await page.evaluate(() => (location.hash = "#/objects/chat-Room"));
    await page.getByRole("row", { name: /lobby/ }).waitFor();
    await doemu.end();
    await page.getByText("doemu does not answer.").waitFor();
    await page.getByRole("row", { name: /lobby/ }).waitFor();
  });

  await step("it asks for a token when doemu has one, and goes on by itself", async () => {
    await doemu.again("--admin-token", "open sesame");
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("doemu does not take this token.").waitFor();
    await page.getByLabel("Token").fill("open sesame");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("row", { name: /lobby/ }).waitFor();
  });
};
