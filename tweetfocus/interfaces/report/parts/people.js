const PAGE = 24; // cards that are shown at first, and with each "more"

/** Moves the keyboard's place to a card, for those who read by keyboard or ear. */
function focusOn(card) {
  card.setAttribute("tabindex", "-1");
  card.focus({ preventScroll: true });
}

/** Searching, filtering and sorting the cards. */
function startPeople() {
  const list = document.getElementById("people");
  if (!list) return;
  const form = document.getElementById("tools");
  const count = document.getElementById("count");
  const nobody = document.getElementById("nobody");
  const cards = [...list.children].map((element) => ({
    element,
    rank: Number(element.dataset.rank),
    field: Number(element.dataset.field),
    marks: new Set(element.dataset.marks.split(" ")),
    label: element.querySelector("h3").textContent.trim().toLowerCase(),
    text: element.textContent.toLowerCase(),
  }));
  const field = document.getElementById("field");
  const orders = {
    rank: (a, b) => a.rank - b.rank,
    label: (a, b) => d3.ascending(a.label, b.label) || a.rank - b.rank,
    field: (a, b) => a.field - b.field || a.rank - b.rank,
  };
  const more = document.getElementById("more");
  let [order, most] = ["rank", PAGE];

  function apply() {
    const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [...form.querySelectorAll("[name=mark]:checked")].map((box) => box.value);
    const has = (card, mark) => (mark === "no-doubts" ? !card.marks.has("doubts") : card.marks.has(mark));
    const sort = document.getElementById("sort").value;
    if (sort !== order) {
      order = sort;
      cards.sort(orders[order]);
      list.append(...cards.map((card) => card.element));
    }
    let shown = 0;
    for (const card of cards) {
      const fits =
        (!field || field.value === "" || card.field === Number(field.value)) &&
        wanted.every((mark) => has(card, mark)) &&
        words.every((word) => card.text.includes(word));
      card.element.hidden = !fits;
      card.element.classList.toggle("later", fits && shown >= most);
      shown += fits;
    }
    const rest = shown - most;
    more.hidden = rest <= 0;
    more.firstElementChild.textContent = `Show ${rest > PAGE ? `${PAGE} of ${whole(rest)} more` : `${whole(rest)} more`}`;
    nobody.hidden = shown > 0;
    count.textContent = shown === cards.length ? `${whole(shown)} people` : `${whole(shown)} of ${whole(cards.length)} people`;
  }

  form.addEventListener("input", () => {
    most = PAGE;
    apply();
  });
  more.addEventListener("click", () => {
    const first = cards.find((card) => card.element.classList.contains("later"));
    most += PAGE;
    apply();
    focusOn(first.element);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("all").addEventListener("click", () => {
    form.reset();
    apply();
    document.getElementById("search").focus();
  });
  form.hidden = false;
  apply();
  return (rank) => {
    form.reset(); // a person that the map points to must not be hidden
    apply();
    most = Math.max(most, 1 + cards.findIndex((card) => card.rank === rank));
    apply();
  };
}
