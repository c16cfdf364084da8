const pick = document.getElementById("pick");
if (pick) {
  const show = () => document.querySelectorAll(".pair").forEach(pair => { pair.hidden = pair.id !== pick.value; });
  pick.addEventListener("change", show);
  show();
}

// One A4 side: parts that may be left out go, the highest number first, until the rest is large enough to read.
const paper = document.getElementById("paper"), root = document.documentElement;
const WIDE = 725, HIGH = 1045, LEGIBLE = 0.68;
function fit() {
  let low = 0.3, high = 1;
  for (let round = 0; round < 12; round++) {
    const middle = (low + high) / 2;
    root.style.width = `${WIDE / middle}px`;
    if (root.getBoundingClientRect().height * middle > HIGH) high = middle; else low = middle;
  }
  return low;
}
addEventListener("beforeprint", () => {
  paper.media = "all";
  let scale = fit(), left = 0;
  for (const rank of ["5", "4", "3", "2", "1"]) {
    if (scale >= LEGIBLE) break;
    document.querySelectorAll(`[data-spare="${rank}"]`).forEach(part => { part.classList.add("spared"); left++; });
    scale = fit();
  }
  const note = document.getElementById("left-out");
  if (note) note.textContent = left ? ` Left out on paper: ${left} part${left > 1 ? "s" : ""}.` : "";
  root.style.width = `${WIDE / scale}px`;
  root.style.zoom = scale;
});
addEventListener("afterprint", () => {
  paper.media = "print";
  root.style.width = root.style.zoom = "";
  document.querySelectorAll(".spared").forEach(part => part.classList.remove("spared"));
});
