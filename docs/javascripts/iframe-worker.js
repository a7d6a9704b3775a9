// A page opened as a file may start no worker, and the search is one. There, its script runs in a
// hidden frame instead; everywhere else nothing is changed.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inner = this.frame.contentWindow;
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.ready = add_script(inner, url);
      // What the search asks for while it runs: further scripts, one after the other.
      inner.importScripts = (...urls) =>
        urls.reduce((before, url) => before.then(() => add_script(inner, url)), Promise.resolve());
    }
    postMessage(data) {
      const inner = this.frame.contentWindow;
      this.ready.then(() => inner.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {
      this.frame.remove();
    }
  };

function add_script(inner, url) {
  return new Promise((resolve, reject) => {
    const script = inner.document.createElement("script");
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${url}`));
    script.src = url;
    inner.document.body.append(script);
  });
}
