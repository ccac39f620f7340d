// While the answers are being counted, the page says how far it is; when it is done, it shows the
// closed cycle.
const EVERY = 2000;
const said = document.getElementById("closing");

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("closing");
    if (!now) {
      location.reload();
      return;
    }
    if (said.textContent !== now.textContent) said.textContent = now.textContent;
  }
  setTimeout(look, EVERY);
}

if (said) setTimeout(look, EVERY);
