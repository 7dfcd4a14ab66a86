/** The map: pointing, zooming, finding, and moving by keyboard. `goTo` shows the card of a recommended person. */
function startMap(goTo) {
  const canvas = document.getElementById("plane");
  if (!canvas) return () => {};
  const points = data.map;
  const found = document.getElementById("found");
  const legend = document.getElementById("legend");
  startLegend(legend, points, (role, isShown) => {
    if (isShown) view.hidden.delete(role);
    else view.hidden.add(role);
    redraw();
  });
  const view = mapView(canvas, points);
  const tree = d3.quadtree(d3.range(points.x.length), (i) => points.x[i], (i) => points.y[i]);
  let waiting = false;

  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      view.draw();
    });
  }

  const isShown = (i) => !view.hidden.has(points.role[i]);

  /** The nearest shown point within 16 pixels; of several, the one that is drawn on top. */
  function pointAt(event) {
    const [x, y] = d3.pointer(event, canvas);
    const [left, top] = view.back([x - 16, y - 16]);
    const [right, bottom] = view.back([x + 16, y + 16]);
    let [best, nearest] = [-1, 16];
    tree.visit((node, x0, y0, x1, y1) => {
      for (let leaf = node.length ? null : node; leaf; leaf = leaf.next) {
        const [px, py] = view.at(points.x[leaf.data], points.y[leaf.data]);
        const far = Math.hypot(px - x, py - y) - points.role[leaf.data];
        if (far < nearest && isShown(leaf.data)) [best, nearest] = [leaf.data, far];
      }
      return x0 > right || y0 > bottom || x1 < left || y1 < top;
    });
    return best;
  }

  function tell(i) {
    const [role, group, rank] = [points.role[i], points.group[i], points.card[i]];
    const address = points.address.rest[i] && points.address.start + points.address.rest[i];
    const label = make("bdi", {}, points.label[i]);
    const who = address
      ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label)
      : label;
    const lines = [make("p", { class: "who" }, who), make("p", {}, role ? `${points.roles[role]}${rank ? `, place ${rank}` : ""}` : "you do not follow each other")];
    if (points.bio[i]) lines.push(make("p", { dir: "auto", class: "bio" }, points.bio[i]));
    if (group >= 0 && points.groups[group]) lines.push(make("p", { class: "about" }, `Among: ${points.groups[group]}`));
    if (rank) {
      const button = make("button", { type: "button" }, "Show the reasons");
      button.addEventListener("click", () => goTo(rank));
      lines.push(button);
    }
    found.replaceChildren(...lines);
  }

  function choose(i) {
    view.chosen = i;
    if (i >= 0) tell(i);
    redraw();
  }

  /** Whoever lies nearest in a direction, aside counting twice. */
  function step([dx, dy]) {
    const from = view.chosen >= 0 ? view.chosen : points.role.indexOf(points.roles.indexOf("you"));
    let [best, nearest] = [-1, Infinity];
    for (let i = 0; i < points.x.length; i++) {
      const [x, y] = [points.x[i] - points.x[from], points.y[i] - points.y[from]];
      const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
      const far = ahead + 2 * aside;
      if (ahead > 0 && far < nearest && i !== from && isShown(i)) [best, nearest] = [i, far];
    }
    if (best < 0) return;
    choose(best);
    const [x, y] = view.at(points.x[best], points.y[best]);
    const box = canvas.getBoundingClientRect();
    if (x < 20 || y < 20 || x > box.width - 20 || y > box.height - 20) {
      d3.select(canvas).call(zoom.translateBy, (box.width / 2 - x) / view.transform.k, (box.height / 2 - y) / view.transform.k);
    }
  }

  const zoom = d3
    .zoom()
    .scaleExtent([0.8, 40])
    .filter((event) => {
      if (event.type === "wheel") return event.ctrlKey || event.metaKey;
      if (event.type.startsWith("touch")) return event.touches.length > 1; // one finger scrolls the page
      return !event.button;
    })
    .on("zoom", ({ transform }) => {
      view.transform = transform;
      redraw();
    });
  d3.select(canvas).call(zoom).on("dblclick.zoom", null);

  canvas.addEventListener("pointermove", (event) => {
    const i = pointAt(event);
    canvas.classList.toggle("on", i >= 0);
    if (i === view.pointed) return;
    view.pointed = i;
    if (i >= 0) tell(i);
    else if (view.chosen >= 0) tell(view.chosen);
    redraw();
  });
  canvas.addEventListener("pointerleave", () => {
    view.pointed = -1;
    redraw();
  });
  canvas.addEventListener("click", (event) => choose(pointAt(event)));
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const scaleBy = (factor) => d3.select(canvas).call(zoom.scaleBy, factor);
  const showAll = () => d3.select(canvas).call(zoom.transform, d3.zoomIdentity);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ways) step(ways[event.key]);
    else if (event.key === "+" || event.key === "=") scaleBy(1.4);
    else if (event.key === "-") scaleBy(1 / 1.4);
    else if (event.key === "0") showAll();
    else if (event.key === "Enter" && view.chosen >= 0 && points.card[view.chosen]) goTo(points.card[view.chosen]);
    else return;
    event.preventDefault();
  });
  const buttons = document.getElementById("zoom");
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const way = event.target.closest("button")?.dataset.zoom;
    if (way === "all") showAll();
    else if (way) scaleBy(way === "in" ? 1.6 : 1 / 1.6);
  });
  const labels = points.label.map((label) => label.toLowerCase());
  document.getElementById("find").addEventListener("input", (event) => {
    const asked = event.target.value.trim().toLowerCase().replace(/^@/, "");
    if (!asked) return choose(-1);
    const starts = labels.findIndex((label) => label.replace(/^@/, "").startsWith(asked));
    const i = starts >= 0 ? starts : labels.findIndex((label) => label.includes(asked));
    if (i >= 0) choose(i);
    else {
      choose(-1);
      found.replaceChildren(make("p", {}, "Nobody of that name is on the map."));
    }
  });
  new ResizeObserver(() => {
    const [width, height] = view.fit();
    zoom.extent([[0, 0], [width, height]]).translateExtent([[-width, -height], [2 * width, 2 * height]]);
    view.draw();
  }).observe(canvas);
  view.fit();
  return (now = false) => {
    view.recolour();
    if (now) view.draw();
    else redraw();
  };
}

/** What each mark means, with a box to hide those who have it. */
function startLegend(legend, points, toggle) {
  const counts = d3.rollup(points.role, (all) => all.length, (role) => role);
  for (const role of [5, 4, 3, 2, 1, 0]) {
    const box = make("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => toggle(role, box.checked));
    const path = role ? d3.symbol(SHAPES[role], SIZES[role] * (role === 5 ? 0.4 : 1.2))() : "M-2.5,-2.5h5v5h-5z";
    const item = make("li", {}, make("label", {}, box));
    const svg = d3.select(item.firstChild).append("svg").attr("viewBox", "-9 -9 18 18").attr("class", `r${role}`).attr("aria-hidden", "true");
    svg.append("path").attr("d", path).attr("fill", "currentColor");
    item.firstChild.append(points.roles[role], make("span", { class: "many" }, whole(counts.get(role) ?? 0)));
    legend.append(item);
  }
}
