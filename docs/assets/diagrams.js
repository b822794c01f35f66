// Material draws diagrams itself and leaves the arrowheads of sequence diagrams nearly invisible in dark mode.
(() => {
  const arrowheads =
    'defs [id$="arrowhead"] path, defs [id$="crosshead"] path { fill: var(--md-mermaid-edge-color); stroke: var(--md-mermaid-edge-color); }';
  const wrap = (mermaid) => {
    const initialize = mermaid.initialize.bind(mermaid);
    mermaid.initialize = (options) => initialize({ ...options, themeCSS: `${options?.themeCSS ?? ""} ${arrowheads}` });
  };
  if (window.mermaid) wrap(window.mermaid);
})();
