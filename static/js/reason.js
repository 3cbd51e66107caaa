/* A reason of the list gives the words as well, as long as nobody has written others. */
"use strict";
document.addEventListener("change", (event) => {
  const words = event.target.form?.elements.namedItem("text");
  if (!event.target.matches("[data-words]") || !words || (words.value && words.value !== words.dataset.given)) return;
  words.value = words.dataset.given = event.target.dataset.words;
});
