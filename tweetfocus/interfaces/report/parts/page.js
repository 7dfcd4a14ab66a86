const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

/** An element with attributes, and children that are elements or text; text is never read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const whole = d3.format(",.0f");
const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);

/** Light or dark: what the system says, until the reader chooses. */
function startTheme(changed) {
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
    changed();
  };
  try {
    const kept = localStorage.getItem("tweetfocus-theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch {} // no storage in a sandbox: the choice lasts as long as the page
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("tweetfocus-theme", root.dataset.theme);
    } catch {}
    show();
  });
  system.addEventListener("change", show);
  show();
}

/** The link of the section that is being read stands out. */
function startSections() {
  const links = new Map([...document.querySelectorAll(".bar nav a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (isIntersecting) links.get(target.id).setAttribute("aria-current", "true");
        else links.get(target.id).removeAttribute("aria-current");
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const name of links.keys()) {
    const section = document.getElementById(name);
    if (section) watch.observe(section);
  }
}
