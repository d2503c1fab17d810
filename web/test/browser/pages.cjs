/** Every page and every part of an object's page, as the walk leaves them, with what each shows when it is ready. */
const room = "#/objects/chat-Room/name%3Alobby";
exports.pages = [
  { name: "overview", hash: "#/", ready: { role: "link", name: /^Room SQLite/ } },
  { name: "objects", hash: "#/objects/chat-Room", ready: { role: "row", name: /lobby/ } },
  { name: "object", hash: room, ready: { role: "heading", name: "Call a method" } },
  { name: "object-kv", hash: `${room}?tab=kv`, ready: { role: "tab", name: /^Key-value/, selected: true } },
  { name: "object-sql", hash: `${room}?tab=sql`, ready: { role: "gridcell", name: "Still here?" } },
  { name: "object-console", hash: `${room}?tab=sql&console=1`, ready: { role: "button", name: "Run" } },
  { name: "object-sockets", hash: `${room}?tab=sockets`, ready: { role: "log" } },
  { name: "object-timeline", hash: `${room}?tab=timeline`, ready: { role: "list", name: "Events of the object" } },
  { name: "alarms", hash: "#/alarms", ready: { role: "row", name: /lobby/ } },
  { name: "clock", hash: "#/clock", ready: { role: "region", name: "What ran" } },
  { name: "snapshots", hash: "#/snapshots/before?with=now", ready: { role: "table", name: "Rows of messages that differ" } },
  { name: "faults", hash: "#/faults", ready: { role: "heading", name: "Add a rule" } },
  { name: "logs", hash: "#/logs", ready: { role: "list", name: "Events" } },
];

/** Goes to a page, and waits until it shows what it has to. */
exports.visit = async function visit(page, { hash, ready: { role, ...options } }) {
  await page.evaluate((hash) => (location.hash = hash), hash);
  await page.getByRole(role, options).first().waitFor();
};
