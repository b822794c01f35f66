// Material's style for diagrams leaves arrowheads and the labels of second branches nearly invisible in dark mode. Mermaid takes more
// style when it is initialized, and Material initializes it, so the call is amended on its way.
(() => {
  const style =
    'defs [id$="arrowhead"] path, defs [id$="crosshead"] path { fill: var(--md-mermaid-edge-color) !important; stroke: var(--md-mermaid-edge-color) !important; } ' +
    '.sectionTitle, .sectionTitle > tspan, .loopText, .loopText > tspan { fill: var(--md-mermaid-label-fg-color) !important; } ' +
    '.messageText, .loopText, .noteText { font-size: 14px !important; }';
  const amend = (mermaid) => {
    const initialize = mermaid.initialize.bind(mermaid);
    mermaid.initialize = (options) =>
      initialize({
        ...options,
        themeCSS: `${options?.themeCSS ?? ""} ${style}`,
        // Long messages take two lines, and a diagram that is still too wide scrolls: shrunk, nobody could read it on a phone.
        fontSize: 14,
        sequence: { ...options?.sequence, useMaxWidth: false, wrap: true, width: 110, actorMargin: 130, diagramMarginX: 8 },
      });
    return mermaid;
  };
  let current = window.mermaid && amend(window.mermaid);
  Object.defineProperty(window, "mermaid", {
    configurable: true,
    get: () => current,
    set: (mermaid) => {
      current = mermaid?.initialize ? amend(mermaid) : mermaid;
    },
  });
})();
