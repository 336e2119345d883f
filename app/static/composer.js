// What helps while one writes: tables pasted as tables, names after an @. squadroom.js fetches it when a field is first entered.
const WAIT_MS = 120;
const MOST_TYPED = 60;

export async function begin(area, load) {
  const { paste, expander, names } = area.dataset;
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
