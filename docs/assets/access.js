// What Material leaves out: the search dialog gets its name, whatever scrolls is reached with the keyboard, the navigation of a phone is
// opened and closed with it, and a shell block is copied without its prompts and its output, so that it can be pasted.
(() => {
  const WIDE = ".md-typeset__scrollwrap, .md-typeset pre > code, .md-typeset .mermaid, .md-typeset .diagram, .md-typeset .wide";
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
    for (const opener of document.querySelectorAll(".md-header label[for='__drawer']:not([role])")) {
      Object.assign(opener, { tabIndex: 0, role: "button", ariaLabel: "Navigation" });
    }
    // A diagram is drawn where no screen reader finds its text; before it is, the text stands there to be read.
    for (const drawn of document.querySelectorAll(".diagram > div.mermaid:not([role])")) {
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", drawn.parentElement.dataset.about);
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
  document.addEventListener("keydown", (event) => {
    const drawer = document.getElementById("__drawer");
    const opener = event.target.closest?.(".md-header label[for='__drawer']");
    if (opener && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
      drawer.click();
      if (drawer.checked) document.querySelector(".md-sidebar--primary a[href]").focus();
    } else if (event.key === "Escape" && drawer?.checked) {
      drawer.click();
      document.querySelector(".md-header label[for='__drawer']").focus();
    }
  });
})();
// The button beside a title copies its page as Markdown; where a page may fetch nothing, as from file://, it is a link.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-page-copy]");
  if (!button || location.protocol === "file:" || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(button.href);
    await navigator.clipboard.writeText(await answer.text());
    button.title = "Copied";
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } catch {
    location.assign(button.href);
  }
});
