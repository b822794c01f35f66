// Escape puts the details of a mark away, until the mark is pointed at or reached again.
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const mark of document.querySelectorAll(".mark:not([data-own]):is(:hover, :focus-within)")) {
    mark.classList.add("mark--dismissed");
    for (const left of ["mouseleave", "focusout"]) {
      mark.addEventListener(left, () => mark.classList.remove("mark--dismissed"), { once: true });
    }
  }
});
