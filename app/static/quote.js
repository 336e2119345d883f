// Quoting without leaving the page: what is selected in a message, or all of it. squadroom.js fetches this when it is first needed.
const messageOf = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest(".post-body")?.closest("article.post");
const linkOf = (message) => message?.querySelector('a[href*="?quote="]');
let picked = null;  // {message, text}: what was selected last, since a click on a link takes the selection away
let button = null;

export function selected() {
  const selection = getSelection();
  const message = messageOf(selection.anchorNode);
  const text = selection.isCollapsed || message !== messageOf(selection.focusNode) ? "" : selection.toString().trim();
  button?.remove();
  picked = null;
  if (!text || !linkOf(message)) return;
  picked = { message, text };
  offer(selection.getRangeAt(0).getBoundingClientRect());
}

function offer({ left, bottom }) {
  button = Object.assign(document.createElement("button"), { type: "button", className: "btn quote-this", textContent: "Quote this" });
  button.style.left = `${Math.max(8, Math.min(left, innerWidth - 96)) + scrollX}px`;
  button.style.top = `${bottom + scrollY + 6}px`;
  button.addEventListener("mousedown", (event) => event.preventDefault());  // or the selection were gone before the click
  button.addEventListener("click", () => quote(linkOf(picked.message)));
  document.body.append(button);
}

// False: the link shall do it.
export async function quote(link) {
  const area = document.querySelector("#reply textarea");
  const some = picked?.message === link.closest("article.post") ? picked.text : "";
  button?.remove();
  picked = null;
  const at = new URL(link.href);
  const answer = await fetch(`${at.pathname}/replies/${at.searchParams.get("quote")}/quote`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!area || !answer?.ok || answer.redirected) return location.assign(link.href);
  const whole = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("pre").textContent.trim();
  const words = some ? `${whole.split("\n", 1)[0]}\n>\n${some.split(/\n+/).map((line) => `> ${line}`).join("\n>\n")}` : whole;
  area.value = `${area.value.trimEnd()}${area.value.trim() ? "\n\n" : ""}${words}\n\n`;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.scrollIntoView({ block: "center" });
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}
