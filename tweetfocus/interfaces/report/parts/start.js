const showEverybody = startPeople() ?? (() => {});
const drawCharts = startCharts();
const drawMap = startMap((rank) => {
  const card = document.getElementById(`p${rank}`);
  showEverybody();
  for (const lit of document.querySelectorAll(".person.lit")) lit.classList.remove("lit");
  card.classList.add("lit");
  card.setAttribute("tabindex", "-1");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "center" });
});
startTheme(() => drawMap());
startSections();
addEventListener("beforeprint", () => {
  drawCharts();
  drawMap(true);
});
addEventListener("afterprint", () => {
  drawCharts();
  drawMap();
});
