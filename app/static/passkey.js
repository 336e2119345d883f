// Passkeys: ask the server for a challenge, the device for its answer, and send the form with it. Loaded where a form has data-passkey.
const decoded = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const encoded = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const PLAIN = {
  InvalidStateError: "This device holds a passkey for your account already.",
  NotAllowedError: "That was stopped, or it took too long. Try again.",
  SecurityError: "Passkeys do not work at this address. Use another way to sign in.",
};
const OTHER = "That did not work. Reload the page and try again.";

function prepared(options) {
  const { challenge, user, excludeCredentials, allowCredentials } = options;
  const ids = (list) => list?.map((one) => ({ ...one, id: decoded(one.id) }));
  return {
    ...options,
    challenge: decoded(challenge),
    ...(user && { user: { ...user, id: decoded(user.id) } }),
    ...(excludeCredentials && { excludeCredentials: ids(excludeCredentials) }),
    ...(allowCredentials && { allowCredentials: ids(allowCredentials) }),
  };
}

function written({ id, rawId, type, response }) {
  const answer = { clientDataJSON: encoded(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (response[part]) answer[part] = encoded(response[part]);
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({ id, rawId: encoded(rawId), type, response: answer });
}

async function ask(form) {
  const headers = { "X-CSRF-Token": document.body.dataset.csrf };
  const answer = await fetch(form.dataset.passkey, { method: "POST", headers, redirect: "manual" });
  if (answer.type === "opaqueredirect") return location.reload();  // the session or the confirmation is over: its page says so
  if (!answer.ok) throw new Error(answer.status);
  const options = await answer.json();
  const publicKey = prepared(options);
  const made = await (options.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  form.querySelector("[name=credential]").value = written(made);
  form.submit();
}

async function pressed(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const [button, problem] = [form.querySelector("button"), form.querySelector("[role=alert]")];
  button.disabled = problem.hidden = true;
  try {
    await ask(form);
  } catch (error) {
    problem.textContent = PLAIN[error.name] ?? OTHER;
    problem.hidden = button.disabled = false;
    button.focus();
  }
}

// The button waits for this: pressed before, it would send a form without an answer.
document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const [button, problem] = [form.querySelector("button"), form.querySelector("[role=alert]")];
  if (window.PublicKeyCredential) {
    form.addEventListener("submit", pressed);
    button.disabled = false;
  } else {
    problem.textContent = "This browser knows no passkeys.";
    problem.hidden = false;
  }
});
