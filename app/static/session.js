// The dialog before and after a session's end. squadroom.js loads it when it is needed.
const again = () => location.assign(location.pathname + location.search);

function ask(title, text, button, act) {
  document.querySelector("dialog.ask")?.remove();
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "ask-title");
  dialog.setAttribute("aria-describedby", "ask-text");
  for (const [name, id, content] of [["h2", "ask-title", title], ["p", "ask-text", text], ["button", "ask-button", button]]) {
    dialog.append(Object.assign(document.createElement(name), { id, textContent: content }));
  }
  const key = dialog.querySelector("button");
  key.className = "btn primary";
  key.addEventListener("click", act);
  document.body.append(dialog);
  dialog.showModal();
  key.focus();
}

export function over() {
  ask("Your session has ended", "Text you have not sent is kept in this tab. Sign in again to go on.", "Sign in", again);
}

export function warn(ends, stayed) {
  const at = new Intl.DateTimeFormat("en-US", { timeStyle: "short" }).format(ends);
  ask("Are you still here?", `For safety you will be signed out at ${at}.`, "Stay signed in", async () => {
    const headers = { "X-CSRF-Token": document.body.dataset.csrf };
    const answer = await fetch("/session/extend", { method: "POST", headers, redirect: "manual" }).catch(() => null);
    const until = answer?.ok && answer.headers.get("X-Session-Ends");
    if (until) stayed(until);
    else over();
  });
}
