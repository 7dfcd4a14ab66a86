const showEverybody = startPeople() ?? (() => {});
startCharts();
const drawMap = startMap((rank) => {
  const card = document.getElementById(`p${rank}`);
  showEverybody(rank);
  for (const lit of document.querySelectorAll(".person.lit")) lit.classList.remove("lit");
  card.classList.add("lit");
  focusOn(card);
  card.scrollIntoView({ block: "center" });
});
startTheme(() => drawMap());
startSections();
let theme;
addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light"; // ink on paper, also where the canvas is concerned
  drawMap(true);
});
addEventListener("afterprint", () => {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  drawMap();
});
