// Progressive enhancement only: every page works without this file.
const body = document.body;
const say = (text) => { document.getElementById("say").textContent = text; };
const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);

// Modules come from our own static folder alone, whatever an attribute says.
function load(address) {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin || !url.pathname.startsWith("/static/")) throw new Error("not one of our modules");
  return import(url.href);
}

// --- Unsent text: kept in this tab until its form was accepted, then forgotten ---
const WHO = body.dataset.who;
const keyOf = (area) => `text|${WHO}|${area.form?.getAttribute("action") || location.pathname}|${area.name}`;
const sentKey = `sent|${WHO}`;

function forget(prefix) {
  Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).forEach((key) => sessionStorage.removeItem(key));
}

function forgetSent() {
  // Not accepted: sign-in and error pages carry data-keep, a refused form carries its errors.
  if ("keep" in body.dataset) return forget("sent|");
  const sent = sessionStorage.getItem(sentKey);
  sessionStorage.removeItem(sentKey);
  const wentBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (sent && WHO && !wentBack && !document.querySelector(".error-summary")) forget(sent);
}

function restore(area) {
  const kept = sessionStorage.getItem(keyOf(area));
  if (!kept || area.value.trim() || area.dataset.restored) return;
  area.value = kept;
  area.dataset.restored = "yes";
  const note = document.createElement("p");
  note.className = "restored";
  note.textContent = "Your unsent text was brought back.";
  area.after(note);
}

function keep({ target }) {
  if (!WHO || !target.matches?.("textarea[data-keep]")) return;
  if (target.value.trim()) sessionStorage.setItem(keyOf(target), target.value);
  else sessionStorage.removeItem(keyOf(target));
}

// --- Drafts: all that a composer holds, kept on the server from the tenth word or the first file on, a moment after the last change ---
const DRAFT_MS = 2500;
const drafting = new Map();  // by textarea: the timer

function saveDraft(area) {
  clearTimeout(drafting.get(area));
  drafting.delete(area);
  const fields = [...new FormData(area.form)].filter(([name, value]) => typeof value === "string" && name !== "once");
  const words = new URLSearchParams(fields);
  fetch(area.dataset.draft, { method: "POST", body: words, keepalive: String(words).length < 60_000, headers: { "HX-Request": "true" } })
    .then(({ ok, redirected }) => { if (ok && !redirected) say("Draft kept."); }, () => {});
}

function isWorthKeeping({ form, dataset }) {
  const typed = [...form.querySelectorAll("textarea")].map(({ value }) => value).join(" ").trim().split(/\s+/);
  return dataset.drafted || typed.length >= 10 || form.elements.attachments;
}

function draft({ target }) {
  const area = target.form?.querySelector("textarea[data-draft]");
  if (!WHO || !area || !isWorthKeeping(area)) return;
  area.dataset.drafted = "yes";
  clearTimeout(drafting.get(area));
  drafting.set(area, setTimeout(saveDraft, DRAFT_MS, area));
}

document.addEventListener("input", draft);
document.addEventListener("visibilitychange", () => { if (document.hidden) [...drafting.keys()].forEach(saveDraft); });
document.addEventListener("submit", ({ target }) => each(target, "textarea[data-draft]", (area) => { clearTimeout(drafting.get(area)); drafting.delete(area); }));
document.addEventListener("input", keep);
document.addEventListener("submit", ({ target, submitter }) => {
  if ("forget" in target.dataset) forget("text|");
  const area = target.querySelector("textarea[data-keep]");
  // A button with its own address (preview) sends the text, but not for good.
  if (area && !submitter?.hasAttribute("formaction")) sessionStorage.setItem(sentKey, `text|${WHO}|${target.getAttribute("action") || location.pathname}|`);
});

// --- The session's end: a warning 60 s before; session.js holds the dialog and is fetched only then ---
const WARN_MS = 60_000;
const channel = new BroadcastChannel("squadroom-session");
let ends = Date.parse(body.dataset.sessionEnds ?? "");
let timer;

function setEnds(iso, tell = true) {
  ends = Date.parse(iso);
  document.querySelector("dialog.ask")?.remove();
  if (tell) channel.postMessage(iso);
  watch();
}

async function watch() {
  clearTimeout(timer);
  const left = ends - Date.now();
  if (!Number.isFinite(left)) return;
  if (left > WARN_MS) timer = setTimeout(watch, Math.min(left - WARN_MS, 2 ** 31 - 1));
  else if (left > 0) {
    timer = setTimeout(watch, left);
    (await load(body.dataset.sessionModule)).warn(ends, (until) => { setEnds(until); say("You stay signed in."); });
  } else (await load(body.dataset.sessionModule)).over();
}

// Another tab's page or answer moves the end for this one as well.
channel.addEventListener("message", ({ data }) => setEnds(data, false));
document.addEventListener("visibilitychange", () => { if (!document.hidden && !document.querySelector("dialog.ask")) watch(); });

// --- Small helpers ---
async function clicked({ target }) {
  each(document, "details.menu[open]", (menu) => { if (!menu.contains(target)) menu.open = false; });
  const button = target.closest?.("[data-copy], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) return window.print();
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText((source.value ?? source.innerText).trim());
  say("Copied.");
}

// --- Quoting: what is selected in a message, or all of it, into the reply's field ---
const quoting = () => load(document.getElementById("reply").dataset.quote);
document.addEventListener("selectionchange", () => {
  const node = getSelection().anchorNode;
  if (document.querySelector("#reply textarea") && (node?.parentElement?.closest(".post-body") || document.querySelector(".quote-this"))) quoting().then(({ selected }) => selected());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('article.post a[href*="?quote="]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector("#reply textarea")) return;
  event.preventDefault();
  quoting().then(({ quote }) => quote(link));
});

document.addEventListener("click", clicked);
document.addEventListener("keydown", ({ key, target }) => {
  const menu = key === "Escape" && target.closest?.("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// --- Single keys: keys.js is fetched when one of them is pressed where nobody types ---
const TYPED_INTO = "input:not([type=checkbox]), textarea, select, dialog, [contenteditable]";
document.addEventListener("keydown", async (event) => {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || !body.dataset.keys || !"/jknrbh?".includes(key) || target.closest?.(TYPED_INTO)) return;
  if (key === "/") event.preventDefault();
  (await load(body.dataset.keys)).pressed(key);
});
// What a form needs only once somebody turns to it.
function whenOpened(part, act) {
  const waiting = new AbortController();
  for (const turn of ["focusin", "pointerover", "dragenter"]) {
    part.addEventListener(turn, () => { waiting.abort(); act(); }, { signal: waiting.signal });
  }
}

const full = new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeStyle: "short" });

const NEWS_MS = 20_000;  // until a page that stays open begins to ask what came meanwhile

function enhance(root) {
  each(root, "[data-gone-in]", (part) => setTimeout(() => part.remove(), 1000 * part.dataset.goneIn));
  each(root, "[data-module]", (part) => load(part.dataset.module));
  each(root, "[data-news]", (part) => setTimeout(load, NEWS_MS, part.dataset.asks));
  each(root, "[data-later]", (part) => whenOpened(part.closest(".mdfield"), async () => {
    await load(part.dataset.later);
    if (part.contains(document.activeElement)) part.focus();  // who tabbed to its first button goes on with the arrow keys
  }));
  each(root, "textarea[data-keep]", restore);
  each(root, "textarea[data-composer]", (area) => whenOpened(area, () => load(area.dataset.composer).then(({ begin }) => begin(area, load))));
  each(root, "file-attachment", (part) => {
    whenOpened(part, () => load(part.dataset.attach).then(({ begin }) => { begin(part); load(part.dataset.element); }));
  });
  each(root, "time[datetime*='T']", (time) => { time.title = `${full.format(new Date(time.dateTime))}, your time`; });
}

document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  const until = raw.headers.get("X-Session-Ends");
  if (until) setEnds(until);
  // The session ran out: show the sign-in page as a page, not inside a fragment.
  if (raw.redirected && new URL(raw.url).pathname === "/sign-in") { event.preventDefault(); location.assign(location.pathname + location.search); }
});
document.addEventListener("htmx:after:swap", ({ detail, target }) => {
  if (detail.ctx.response?.status < 300) forgetSent();
  const root = target instanceof Element ? target : body;
  enhance(root);
  root.querySelector(".error-summary, [autofocus]")?.focus();
});

forgetSent();
enhance(document);
if (Number.isFinite(ends)) channel.postMessage(body.dataset.sessionEnds);
watch();
const flash = document.querySelector(".flash");
if (flash) setTimeout(() => say(flash.textContent), 300);  // a status that was there from the start is not read out
