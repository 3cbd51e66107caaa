/* The seconds in which a verdict can be taken back; afterwards the bar goes. */
"use strict";
(function () {
  const bar = document.querySelector(".undo-bar[data-until]");
  if (!bar) return;
  const until = Date.parse(bar.dataset.until);
  const left = bar.querySelector("[data-left]");
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0) { bar.remove(); return; }
    left.textContent = `${seconds} s`;
    setTimeout(tick, 250);
  };
  tick();
})();
