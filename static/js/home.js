/* J and K walk through what is to do next; Enter opens it, because each row is a link. */
"use strict";
document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.singleKeys === "off") return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.isComposing) return;
  const rows = [...document.querySelectorAll(".p-tasks a[data-row]")].filter((row) => row.checkVisibility());
  if (!rows.length) return;
  event.preventDefault();
  const place = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(place + step, 0), rows.length - 1)].focus();
});
