const SHAPES = [null, d3.symbolSquare, d3.symbolCircle, d3.symbolTriangle, d3.symbolDiamond, d3.symbolStar];
const SIZES = [0, 44, 44, 48, 62, 260]; // square pixels of each mark
const EDGE = 44; // pixels that stay free round the map
const STRETCH = 2.5; // the longer side of the map may be pulled so far to fill the room
const MANY = 1500; // marks; from here on they are smaller

/** Draws the points on a canvas. It holds where things are; what the reader does is in `startMap`. */
function mapView(canvas, points) {
  const context = canvas.getContext("2d");
  const order = d3.sort(d3.range(points.x.length), (i) => points.role[i]); // who matters more is drawn later, on top
  const marks = SHAPES.map((shape, role) => shape && new Path2D(d3.symbol(shape, SIZES[role])()));
  const members = d3.group(d3.range(points.x.length), (i) => points.group[i]);
  const middles = points.groups.map((name, group) => ({
    name,
    x: d3.median(members.get(group), (i) => points.x[i]),
    y: d3.quantile(members.get(group), 0.1, (i) => points.y[i]),
  }));
  const many = d3.sum(points.role, (role) => role > 0) > MANY;
  let [width, height, across, down, sharp] = [1, 1, 1, 1, 1];
  let colour = null;
  let stamps = [];
  const view = { transform: d3.zoomIdentity, hidden: new Set(), chosen: -1, pointed: -1, at, back, fit, recolour, draw };

  /** From places to pixels, and back. */
  function at(x, y) {
    return view.transform.apply([width / 2 + x * across, height / 2 + y * down]);
  }
  function back([x, y]) {
    const [left, top] = view.transform.invert([x, y]);
    return [(left - width / 2) / across, (top - height / 2) / down];
  }

  function fit() {
    const box = canvas.getBoundingClientRect();
    sharp = Math.min(devicePixelRatio || 1, 3);
    [width, height] = [Math.max(box.width, 1), Math.max(box.height, 1)];
    [canvas.width, canvas.height] = [Math.round(width * sharp), Math.round(height * sharp)];
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    const [wide, high] = [d3.max(points.x, Math.abs) || 1, d3.max(points.y, Math.abs) || 1];
    [across, down] = [(width / 2 - EDGE) / wide, (height / 2 - EDGE) / high];
    [across, down] = [Math.min(across, STRETCH * down), Math.min(down, STRETCH * across)]; // distances mean little, so the shape may fill the room
    return [width, height];
  }

  function recolour() {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    colour = {
      roles: points.roles.map((_, role) => of(`#legend .r${role}`).color),
      paper: of(".canvas").backgroundColor,
      ink: of("body").color,
      soft: of(".help").color,
      font: of("body").fontFamily,
    };
    stamps = [];
  }

  /** A mark as a picture, since thousands of outlines take too long to draw; made again when its size changes visibly. */
  function stamp(role, size) {
    const made = stamps[role];
    if (made?.size === size) return made;
    const half = Math.ceil((Math.sqrt(SIZES[role]) * size + 3) * sharp);
    const picture = document.createElement("canvas");
    picture.width = picture.height = 2 * half;
    const ink = picture.getContext("2d");
    ink.translate(half, half);
    ink.scale(size * sharp, size * sharp);
    ink.lineJoin = "round";
    ink.lineWidth = 2 / size;
    ink.strokeStyle = colour.paper;
    ink.fillStyle = colour.roles[role];
    ink.stroke(marks[role]);
    ink.fill(marks[role]);
    return (stamps[role] = { picture, size, half: half / sharp });
  }

  function draw() {
    if (!colour) recolour();
    const taken = [];
    context.clearRect(0, 0, width, height);
    context.lineJoin = "round";
    drawOthers();
    const size = Math.round(10 * Math.min(Math.sqrt(view.transform.k), 1.8) * (many ? 0.75 : 1)) / 10;
    for (const i of order) if (points.role[i] > 0 && !view.hidden.has(points.role[i])) drawMark(i, size);
    for (const field of points.fields) drawField(field, taken);
    for (const middle of middles) drawName(middle, taken);
    for (const i of new Set([view.chosen, view.pointed])) if (i >= 0) drawChosen(i);
  }

  /** The many: plain squares, which a canvas fills faster than any path. */
  function drawOthers() {
    if (view.hidden.has(0)) return;
    const size = Math.min(1.6 * Math.sqrt(view.transform.k) + (points.x.length < 1000 ? 1 : 0.3), 5);
    context.fillStyle = colour.roles[0];
    context.globalAlpha = points.x.length > 5000 ? 0.55 : 0.8;
    for (const i of order) {
      if (points.role[i] !== 0) break;
      const [x, y] = at(points.x[i], points.y[i]);
      if (x > -size && y > -size && x < width + size && y < height + size) context.fillRect(x - size, y - size, 2 * size, 2 * size);
    }
    context.globalAlpha = 1;
  }

  function drawMark(i, size) {
    const [x, y] = at(points.x[i], points.y[i]);
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return;
    const { picture, half } = stamp(points.role[i], size);
    context.drawImage(picture, x - half, y - half, 2 * half, 2 * half);
  }

  /** Text with a rim of the paper's colour, unless other text is there already. */
  function write(text, x, y, fill, taken) {
    const half = context.measureText(text).width / 2 + 4;
    const middle = Math.min(Math.max(x, half + 4), width - half - 4);
    const box = [middle - half, y - 16, middle + half, y + 6];
    if (taken && taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
    taken?.push(box);
    context.textAlign = "center";
    context.lineWidth = 4;
    context.strokeStyle = colour.paper;
    context.strokeText(text, middle, y);
    context.fillStyle = fill;
    context.fillText(text, middle, y);
    return true;
  }

  function drawField(field, taken) {
    const [x, y] = at(field.x, field.y);
    context.beginPath();
    context.arc(x, y, 15, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.setLineDash([4, 3]);
    context.strokeStyle = colour.ink;
    context.stroke();
    context.setLineDash([]);
    if (x < -40 || y < 0 || x > width + 40 || y > height + 40) return;
    context.font = `600 13px ${colour.font}`;
    const text = width < 500 ? field.name : `your field: ${field.name}`;
    if (!write(text, x, y - 22, colour.ink, taken)) write(text, x, y + 34, colour.ink, taken);
  }

  function drawName(middle, taken) {
    const [x, y] = at(middle.x, middle.y);
    if (!middle.name || x < 0 || y < 0 || x > width || y > height) return;
    context.font = `13px ${colour.font}`;
    write(middle.name, x, Math.max(y - 10, 18), colour.soft, taken);
  }

  function drawChosen(i) {
    const [x, y] = at(points.x[i], points.y[i]);
    context.beginPath();
    context.arc(x, y, 12, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = colour.ink;
    context.stroke();
    context.font = `700 14px ${colour.font}`;
    write(points.label[i], x, y < 40 ? y + 30 : y - 18, colour.ink, null);
  }

  return view;
}
