/* Tiles and lists of the phone: a scanned document opens as the task that it is; goods or a place begin a new document
   where the page begins some, and are its first scans. */
"use strict";
(function () {
  const words = document.querySelector("[data-task]").dataset;
  const begin = document.getElementById("begin");
  let begun = false;
  let chain = Promise.resolve();
  document.addEventListener("scanned", (event) => {
    const { meaning, say, carry } = event.detail;
    event.preventDefault();
    const asked = meaning(); /* at once; taken in order */
    chain = chain.then(() => asked).then((found) => {
      if (!found) return undefined;
      if (found.kind === "document") return location.assign(words.task.replace("KEY", found.document));
      if (!begin) return location.assign(found.url);
      if (!navigator.onLine) return say("bad", document.getElementById("messages").dataset.offline);
      carry();
      if (!begun) begin.requestSubmit();
      begun = true;
      return undefined;
    }).catch(() => {});
  });
})();
