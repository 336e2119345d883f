// Keys for the reviewers' queue: j and k move, c claims, ? tells. Enter opens the case, as it does with any link.
const links = [...document.querySelectorAll(".queue .row-title a")];
const help = document.getElementById("keys");
const choice = document.getElementById("keys-on");
const OFF = "queue-keys-off";  // single keys can be turned off: they get in the way of speech input

function move(step) {
  const row = document.activeElement?.closest(".queue .row");
  const here = row ? links.indexOf(row.querySelector(".row-title a")) : -1;
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  links[Math.min(Math.max(next, 0), links.length - 1)].focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  c: () => document.activeElement?.closest(".queue .row")?.querySelector("[data-claim]")?.click(),
  "?": () => { help.open = !help.open; if (help.open) help.querySelector("summary").focus(); },
};

const TYPED_INTO = "input:not([type=checkbox]), textarea, select, dialog";

function pressed(event) {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (!choice.checked || ctrlKey || altKey || metaKey || target.isContentEditable || target.closest(TYPED_INTO)) return;
  if (!Object.hasOwn(acts, key)) return;
  event.preventDefault();
  acts[key]();
}

help.hidden = false;
choice.checked = !localStorage.getItem(OFF);
choice.addEventListener("change", () => (choice.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")));
document.addEventListener("keydown", pressed);
