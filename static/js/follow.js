// While something is being made, the page says how far it is; when it is done, what was made stands
// here instead, without a reload.
const EVERY = 2000;

async function look() {
  const said = document.querySelector("[data-follow]");
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-follow]");
    if (!now) {
      document.title = page.title;
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.querySelector("main h1")?.setAttribute("tabindex", "-1");
      document.querySelector("main h1")?.focus();
      return;
    }
    if (said.textContent !== now.textContent) said.textContent = now.textContent;
  }
  setTimeout(look, EVERY);
}

if (document.querySelector("[data-follow]")) setTimeout(look, EVERY);
