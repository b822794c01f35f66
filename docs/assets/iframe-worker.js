// A page that was opened from the disk may not start a worker, and the search is one. There, and only there, a hidden frame
// takes the worker's place.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.ready = new Promise((resolve) => {
        document.addEventListener("DOMContentLoaded", resolve, { once: true });
        if (document.readyState !== "loading") resolve();
      }).then(() => {
        document.body.append(frame);
        const inner = frame.contentWindow;
        inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        const script = inner.document.createElement("script");
        script.src = url;
        return new Promise((resolve) => {
          script.addEventListener("load", () => resolve(inner));
          inner.document.body.append(script);
        });
      });
      this.addEventListener("message", (event) => this.onmessage?.(event));
    }
    postMessage(data) {
      this.ready.then((inner) => inner.dispatchEvent(new inner.MessageEvent("message", { data })));
    }
    terminate() {}
  };
}
