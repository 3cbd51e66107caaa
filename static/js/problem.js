/* Reporting a problem: a scan fills the code, chips fill the words; sent through the queue, which sends the photos after it. */
"use strict";
(function () {
  const form = document.getElementById("problem");
  const words = form.dataset;
  const field = (name) => form.elements.namedItem(name);
  const said = document.getElementById("problem-said");
  const photos = [];
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    field("code").value = event.detail.code;
    event.detail.meaning().then((found) => { if (found) event.detail.say("ok", `${found.title} ${found.detail}`.trim()); });
  });
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-word]");
    if (chip) field("text").value = [field("text").value.trim(), chip.dataset.word].filter(Boolean).join(" · ");
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-photo]")) return;
    photos.push(...event.target.files);
    event.target.value = "";
    form.querySelector("[data-count]").textContent = `${words.wPhoto} × ${photos.length}`;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = ["code", "quantity", "text"].map((name) => [name, field(name).value]);
    const entry = { kind: "report", url: form.action, fields, label: field("text").value, photos: [...photos] };
    document.dispatchEvent(new CustomEvent("queue-add", { detail: entry }));
    said.textContent = words.wKept;
    photos.length = 0;
    field("code").value = field("text").value = "";
  });
  document.addEventListener("queue-done", ({ detail: { entry, result } }) => {
    if (entry.kind !== "report") return;
    const link = document.createElement("a");
    link.href = result.url;
    link.textContent = result.title;
    said.replaceChildren(`${words.wSent} `, link);
  });
})();
