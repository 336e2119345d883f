// Single keys for readers; squadroom.js fetches this when the first of them is pressed. A page with keys of its own (the queue) has none.
const OFF = "keys-off";  // single keys can be turned off: they get in the way of speech input
const ITEMS = ".rows .row-title a, .posts > li[id]";
const isOff = () => Boolean(localStorage.getItem(OFF));

function move(step) {
  const items = [...document.querySelectorAll(ITEMS)];
  if (!items.length) return;
  const here = items.findIndex((item) => item.contains(document.activeElement) || item.closest(".row")?.contains(document.activeElement));
  const to = items[here < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(Math.max(here + step, 0), items.length - 1)];
  if (!to.matches("a")) to.tabIndex = -1;
  to.focus();
}

function type(selector) {
  const field = document.querySelector(selector);
  field?.scrollIntoView({ block: "center" });
  field?.focus();
}

const press = (name) => document.querySelector(`[data-key="${name}"]`)?.click();
const KEYS = {
  "/": ["Search", () => type("#find")],
  j: ["Next thread or message", () => move(1)],
  k: ["The one before", () => move(-1)],
  n: ["Next unread thread", () => (document.querySelector('[data-key="n"]') ? press("n") : location.assign("/next-unread"))],
  r: ["Reply", () => type(".composer textarea")],
  b: ["Bookmark this thread", () => press("b")],
  h: ["Home", () => location.assign("/")],
  "?": ["This list", () => list()],
};

function list() {
  const dialog = Object.assign(document.createElement("dialog"), { className: "ask" });
  dialog.setAttribute("aria-labelledby", "keys-title");
  const part = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
  const keys = Object.entries(KEYS).map(([key, [text]]) => { const row = part("div", ""); const dt = part("dt", ""); dt.append(part("kbd", key)); row.append(dt, part("dd", text)); return row; });
  const label = part("label", " Single keys are on");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !isOff() });
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")));
  label.prepend(box);
  const close = part("button", "Close", { className: "btn primary" });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const all = part("dl", "", { className: "keys" });
  all.append(...keys);
  dialog.append(part("h2", "Keys", { id: "keys-title" }), all, label, close);
  document.body.append(dialog);
  dialog.showModal();
}

export function pressed(key) {
  if (document.getElementById("keys") || (isOff() && key !== "?")) return;
  KEYS[key]?.[1]();
}
