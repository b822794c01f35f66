// What Material leaves out: the search dialog gets its name, whatever scrolls sideways is reached with the keyboard, and a shell
// block is copied without its prompts and its output, so that it can be pasted.
(() => {
  const WIDE = ".md-typeset__scrollwrap, .md-typeset pre > code, .md-typeset .mermaid";
  const PROMPT = /^(?:\$|>>>) /;
  const typed = (code) =>
    code.textContent
      .split("\n")
      .filter((line) => PROMPT.test(line))
      .map((line) => line.replace(PROMPT, ""))
      .join("\n");
  const amend = () => {
    document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
    for (const box of document.querySelectorAll(WIDE)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
    for (const code of document.querySelectorAll(".highlight code")) {
      if (PROMPT.test(code.textContent)) code.dataset.copy = typed(code);
    }
  };
  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(amend);
  };
  document.addEventListener("DOMContentLoaded", () => {
    amend();
    // Material draws diagrams and wraps tables after the page has loaded.
    new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  });
  window.addEventListener("resize", soon);
})();
