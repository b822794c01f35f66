// Material's style for diagrams leaves the arrowheads of sequence diagrams nearly invisible in dark mode. Mermaid takes more
// style when it is initialized, and Material initializes it, so the call is amended on its way.
(() => {
  const style =
    'defs [id$="arrowhead"] path, defs [id$="crosshead"] path { fill: var(--md-mermaid-edge-color) !important; stroke: var(--md-mermaid-edge-color) !important; }';
  const amend = (mermaid) => {
    const initialize = mermaid.initialize.bind(mermaid);
    mermaid.initialize = (options) => initialize({ ...options, themeCSS: `${options?.themeCSS ?? ""} ${style}` });
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
