// "2 new replies": a thread's page that stays open asks now and then, as long as it is looked at. Asking keeps no session alive.
const EVERY_MS = 30_000;
const place = document.querySelector("[data-news]");

async function ask() {
  if (document.hidden) return true;
  const answer = await fetch(place.dataset.news, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer) return true;  // the network is gone for a moment
  if (!answer.ok || answer.redirected) return false;
  const link = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("a");
  if (link && link.textContent !== place.textContent) place.replaceChildren(link);
  return true;
}

const later = () => setTimeout(async () => { if (await ask()) later(); }, EVERY_MS);
later();
