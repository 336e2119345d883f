// Files dropped, pasted or chosen: each is sent at once, and stands in the list below the field. squadroom.js fetches this when the form is entered.
const say = (text) => { document.getElementById("say").textContent = text; };

export function begin(part) {
  const { form } = part.querySelector("textarea");
  // Words that were copied with a picture of them (Excel, Word) are words.
  part.querySelector("textarea").addEventListener("paste", (event) => { if (event.clipboardData?.types.includes("text/plain")) event.stopPropagation(); });
  part.addEventListener("file-attachment-accepted", ({ detail: { attachments } }) => {
    attachments.reduce((before, { file }) => before.then(() => send(part, file)), Promise.resolve());
  });
  part.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-take-away]")?.closest("li");
    if (!row) return;
    row.remove();
    part.querySelector('input[type="file"]').focus();
    changed(part);
    say("Taken away.");
  });
  form.addEventListener("submit", (event) => {
    if (!part.querySelector("progress")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("A file is still on its way.");
  }, true);
}

// For the draft, which holds the files, too.
const changed = (part) => part.querySelector('input[type="file"]').dispatchEvent(new Event("input", { bubbles: true }));

function rowFor(file) {
  const row = document.createElement("li");
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", `Sending ${file.name}`);
  row.append(Object.assign(document.createElement("b"), { textContent: file.name }), bar);
  return { row, bar };
}

function send(part, file) {
  const { row, bar } = rowFor(file);
  part.querySelector("ul.sent").append(row);
  const data = new FormData();
  data.append("csrf", part.querySelector("textarea").form.elements.csrf.value);
  data.append("file", file);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", part.dataset.to);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; });
    request.addEventListener("loadend", () => { arrived(row, file, request); changed(part); done(); });
    request.send(data);
  });
}

function arrived(row, file, { status, responseText }) {
  const answer = new DOMParser().parseFromString(responseText, "text/html").querySelector("ul > li");
  if (answer && status < 500) row.replaceWith(answer);
  else row.replaceChildren(Object.assign(document.createElement("p"), { className: "error", textContent: `${file.name} could not be sent. Try it again.` }));
  say(status === 201 ? `${file.name} is attached.` : `${file.name} was not taken.`);
}
