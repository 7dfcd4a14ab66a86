/** Draws every figure of the page as SVG, in colours of the style sheet; the tables below them say the same numbers. */
function startCharts() {
  const charts = { quarters: drawQuarters, balance: drawBalance, measures: drawMeasures, crowds: drawCrowds, simulation: drawSimulation };
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  function draw(figure) {
    const place = figure.querySelector(".drawn");
    const width = Math.max(place.clientWidth, 240);
    place.replaceChildren();
    charts[figure.dataset.chart](place, width, figure.dataset.title);
  }
  const watch = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      if (target.dataset.width === String(target.clientWidth)) continue;
      target.dataset.width = String(target.clientWidth);
      draw(target.closest("figure"));
    }
  });
  for (const figure of figures) {
    draw(figure);
    watch.observe(figure.querySelector(".drawn"));
  }
}

function plane(place, width, height, title) {
  const svg = d3.select(place).append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img");
  svg.attr("aria-label", `${title}. The table below says the same.`);
  return svg;
}

function key(place, entries) {
  const list = d3.select(place).append("ul").attr("class", "key").attr("aria-hidden", "true");
  const items = list.selectAll("li").data(entries).join("li");
  items
    .append("svg")
    .attr("viewBox", "0 0 18 12")
    .each(function (entry) {
      const svg = d3.select(this);
      if (entry.line) svg.append("path").attr("d", "M0,6H18").attr("stroke", entry.colour).attr("stroke-width", 2.5).attr("stroke-dasharray", entry.line);
      else svg.append("rect").attr("width", 18).attr("height", 12).attr("rx", 2).attr("fill", entry.colour).attr("opacity", entry.opacity ?? 1);
    });
  items.append("span").text((entry) => entry.name);
}

const fieldColour = (place) => `var(--f${place % 6})`;

/** What the posts of each quarter were about (bars), the part on topic and the focus (lines). */
function drawQuarters(place, width, title) {
  const { names, rows } = data.charts.quarters;
  const shown = rows.slice(-Math.max(4, Math.floor(width / 60)));
  const [height, top, bottom, left] = [220, 10, 40, 42];
  const svg = plane(place, width, height, title);
  const x = d3.scaleBand(shown.map((row) => row.quarter), [left, width - 4]).padding(0.35);
  const y = d3.scaleLinear([0, 1], [height - bottom, top]);
  svg.append("g").attr("class", "axis").attr("transform", `translate(${left},0)`)
    .call(d3.axisLeft(y).ticks(4).tickFormat((share) => `${Math.round(share * 100)} %`).tickSize(-(width - left)))
    .call((axis) => axis.select(".domain").remove());
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - bottom})`).call(d3.axisBottom(x).tickSize(0).tickPadding(8));
  const column = svg.append("g").selectAll("g").data(shown).join("g").attr("transform", (row) => `translate(${x(row.quarter)},0)`);
  column.append("text").attr("class", "soft").attr("x", x.bandwidth() / 2).attr("y", height - 6).attr("text-anchor", "middle")
    .text((row) => (row.shares ? `${whole(row.posts)} posts` : `${whole(row.posts)}: too few`));
  column.each(function (row) {
    let from = 0;
    for (const [field, share] of (row.shares ?? []).entries()) {
      d3.select(this).append("rect").attr("width", x.bandwidth()).attr("y", y(from + share)).attr("height", Math.max(y(from) - y(from + share), 0))
        .attr("fill", fieldColour(field)).attr("opacity", 0.55);
      from += share;
    }
  });
  const line = (value) => d3.line().defined((row) => row[value] !== null).x((row) => x(row.quarter) + x.bandwidth() / 2).y((row) => y(row[value]));
  for (const [value, dashes] of [["on_topic", "none"], ["focus", "2 4"]]) {
    svg.append("path").attr("d", line(value)(shown)).attr("fill", "none").attr("stroke", "var(--ink)").attr("stroke-width", 2).attr("stroke-dasharray", dashes);
    svg.append("g").selectAll("circle").data(shown.filter((row) => row[value] !== null)).join("circle")
      .attr("cx", (row) => x(row.quarter) + x.bandwidth() / 2).attr("cy", (row) => y(row[value])).attr("r", 3.5).attr("fill", "var(--ink)").attr("stroke", "var(--sheet)");
  }
  key(place, [
    ...names.map((name, field) => ({ name, colour: fieldColour(field), opacity: 0.55 })),
    { name: "on topic", colour: "var(--ink)", line: "none" },
    { name: "focus, from 0 to 1", colour: "var(--ink)", line: "2 4" },
  ]);
}

/** One line from chat to links, with the person and the middle of the field on it. */
function drawBalance(place, width, title) {
  const { position, field } = data.charts.balance;
  const height = 84;
  const svg = plane(place, width, height, title);
  const x = d3.scaleLinear([-1, 1], [14, width - 14]);
  svg.append("rect").attr("class", "band").attr("x", x(-1)).attr("width", x(1) - x(-1)).attr("y", 40).attr("height", 6).attr("rx", 3);
  svg.append("path").attr("class", "rule").attr("d", `M${x(0)},34V52`).attr("stroke-width", 1.5);
  for (const [at, name, anchor] of [[-1, "private chat", "start"], [1, "link engine", "end"]]) {
    svg.append("text").attr("class", "soft").attr("x", x(at) + (at < 0 ? -8 : 8)).attr("y", 70).attr("text-anchor", anchor).text(name);
  }
  if (field !== null) {
    svg.append("path").attr("class", "middle").attr("d", `M${x(field)},32V54`);
  }
  if (position !== null) {
    svg.append("circle").attr("class", "dot").attr("cx", x(position)).attr("cy", 43).attr("r", 8);
    svg.append("text").attr("x", x(position)).attr("y", 24).attr("text-anchor", "middle").text("you");
  }
}

/** For each part of the posts: the middle half of the field as a band, its median as a tick, the person as a dot. */
function drawMeasures(place, width, title) {
  const rows = data.charts.measures;
  const narrow = width < 520;
  const [left, step] = narrow ? [8, 46] : [300, 30];
  const height = rows.length * step + 26;
  const svg = plane(place, width, height, title);
  const x = d3.scaleLinear([0, 1], [left, width - 46]);
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - 22})`)
    .call(d3.axisBottom(x).ticks(Math.round((width - left) / 80)).tickFormat((share) => `${Math.round(share * 100)} %`).tickSize(-(height - 30)))
    .call((axis) => axis.select(".domain").remove());
  const row = svg.selectAll("g.row").data(rows).join("g").attr("class", "row").attr("transform", (_, at) => `translate(0,${at * step + (narrow ? 30 : 14)})`);
  row.append("text").attr("x", narrow ? left : left - 14).attr("y", narrow ? -14 : 4).attr("text-anchor", narrow ? "start" : "end").text((m) => m.name);
  const compared = row.filter((m) => m.low !== null);
  compared.append("rect").attr("class", "band").attr("x", (m) => x(m.low)).attr("width", (m) => Math.max(x(m.high) - x(m.low), 2)).attr("y", -7).attr("height", 14).attr("rx", 4);
  compared.append("path").attr("class", "middle").attr("d", (m) => `M${x(m.middle)},-7V7`);
  row.append("circle").attr("class", "dot").attr("cx", (m) => x(m.share)).attr("r", 6);
  row.append("text").attr("x", width - 2).attr("y", 4).attr("text-anchor", "end").text((m) => percent(m.share));
}

/** Followers and followings in four parts that add up to all of them. */
function drawCrowds(place, width, title) {
  const crowds = data.charts.crowds;
  const fills = [["var(--accent)", 1], ["var(--accent)", 0.45], ["var(--soft)", 0.4], ["var(--soft)", 0.15]];
  const height = crowds.length * 62;
  const svg = plane(place, width, height, title);
  crowds.forEach((crowd, at) => {
    const total = d3.sum(crowd.parts, (part) => part.accounts);
    const x = d3.scaleLinear([0, total], [0, width]);
    svg.append("text").attr("y", at * 62 + 16).text(`${whole(total)} ${crowd.name}`);
    let from = 0;
    for (const [place_, part] of crowd.parts.entries()) {
      const [start, size] = [x(from), x(from + part.accounts) - x(from)];
      if (part.accounts) {
        svg.append("rect").attr("x", start).attr("y", at * 62 + 24).attr("width", Math.max(size - 2, 1)).attr("height", 24).attr("rx", 4)
          .attr("fill", fills[place_][0]).attr("opacity", fills[place_][1]);
      }
      if (size > 34 && place_ > 0) svg.append("text").attr("x", start + 8).attr("y", at * 62 + 41).text(whole(part.accounts));
      if (size > 34 && place_ === 0) svg.append("text").attr("x", start + 8).attr("y", at * 62 + 41).style("fill", "var(--paper)").text(whole(part.accounts));
      from += part.accounts;
    }
  });
  key(place, crowds[0].parts.map((part, at) => ({ name: part.name, colour: fills[at][0], opacity: fills[at][1] })));
}

/** What chosen and random followers would bring: the mean as a bar's end, the 95 % interval as a line. */
function drawSimulation(place, width, title) {
  const rows = data.charts.simulation;
  const height = rows.length * 78;
  const svg = plane(place, width, height, title);
  const x = d3.scaleLinear([0, d3.max(rows, (row) => Math.max(row.chosen[2], row.random[2])) || 1], [0, width - 124]);
  const crowds = [["chosen", "var(--accent)", 0.9], ["random", "var(--soft)", 0.5]];
  rows.forEach((row, at) => {
    svg.append("text").attr("y", at * 78 + 16).text(row.name);
    crowds.forEach(([crowd, colour, opacity], line) => {
      const [mean, low, high] = row[crowd];
      const y = at * 78 + 24 + line * 22;
      svg.append("rect").attr("y", y).attr("width", Math.max(x(mean), 1)).attr("height", 17).attr("rx", 3).attr("fill", colour).attr("opacity", opacity);
      svg.append("path").attr("d", `M${x(low)},${y + 8.5}H${x(high)}M${x(low)},${y + 4}v9M${x(high)},${y + 4}v9`).attr("stroke", "var(--ink)").attr("stroke-width", 1.5);
      svg.append("text").attr("x", Math.max(x(mean), x(high)) + 8).attr("y", y + 13).text(`${whole(mean)} of ${whole(row[`${crowd}_of`])}`);
    });
  });
  key(place, crowds.map(([name, colour, opacity]) => ({ name: name === "chosen" ? "chosen by relevance" : "at random", colour, opacity })));
}
