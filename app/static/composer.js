// What helps while one writes: cells pasted as tables, names after an @. squadroom.js fetches it when a field is first entered.
const WAIT_MS = 120;
const MOST_TYPED = 60;

export async function begin(area, load) {
  const { paste, expander, names } = area.dataset;
  area.addEventListener("paste", pasteCells, true);
  load(paste).then(({ subscribe }) => subscribe(area));
  if (!names) return;
  offerNames(area);
  load(expander);
}

// --- Names: the server says whom one may name here ---
function offerNames(area) {
  const expander = area.closest("text-expander");
  let last = 0;
  expander.addEventListener("text-expander-change", ({ detail: { key, text, provide } }) => {
    if (key !== "@" || !text.trim() || text.length > MOST_TYPED) return;
    const mine = ++last;
    provide(new Promise((done) => setTimeout(done, WAIT_MS)).then(() => (mine === last ? offer(area.dataset.names, text) : nothing())));
  });
  expander.addEventListener("text-expander-value", (event) => { event.detail.value = event.detail.item.dataset.value; });
}

const nothing = () => ({ matched: false });

async function offer(address, text) {
  const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return nothing();
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("ul.offer");
  return list?.children.length ? { matched: true, fragment: list } : nothing();
}

// --- Cells of a spreadsheet: its plain text is rows of tabs, whatever styles and pictures come with it ---
function pasteCells(event) {
  const { clipboardData: from, target } = event;
  if (!from || !/<table/i.test(from.getData("text/html"))) return;
  const rows = rowsOf(from.getData("text/plain"));
  if (rows.length < 2 || rows[0].length < 2) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const [head, ...others] = rows.map((cells) => rows[0].map((_, at) => (cells[at] ?? "").trim().replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ")));
  const before = target.value.slice(0, target.selectionStart);
  const table = [line(head), line(head.map(() => "---")), ...others.map(line)].join("\n");
  document.execCommand("insertText", false, `${before && !before.endsWith("\n\n") ? "\n\n" : ""}${table}\n\n`);
}

// A cell with a line break or a quote in it stands in quotes, which are doubled inside.
function rowsOf(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.replaceAll("\r\n", "\n").matchAll(/(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))(\t|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end === "\n") rows.push([]);
  }
  return rows.filter((cells) => cells.some((cell) => cell.trim()));
}
