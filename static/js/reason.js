/* A reason of the list gives the words as well, as long as nobody has written others; also one chosen before this runs. */
"use strict";
(function () {
  function give(reason) {
    const words = reason.form?.elements.namedItem("text");
    if (!words || (words.value && words.value !== words.dataset.given)) return;
    words.value = words.dataset.given = reason.dataset.words;
  }
  document.addEventListener("change", (event) => { if (event.target.matches("[data-words]")) give(event.target); });
  const chosen = document.querySelector("[data-words]:checked");
  if (chosen) give(chosen);
})();
