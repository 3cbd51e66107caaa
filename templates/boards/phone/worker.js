{% load static %}/* Keeps the files of the shell, and the last seen pages of the phone for when there is no network. Sends nothing by itself. */
"use strict";
const FILES = "files-1";
const PAGES = "pages-1";
const SHELL = ["{% static 'css/tokens.css' %}", "{% static 'css/base.css' %}", "{% static 'css/components.css' %}", "{% static 'js/app.js' %}", "{% static 'js/scan.js' %}", "{% static 'js/queue.js' %}", "{% static 'js/phone_task.js' %}", "{% static 'js/phone_job.js' %}", "{% static 'icons.svg' %}"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const known = [FILES, PAGES];
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => !known.includes(name)).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
/* A file: what is kept at once, and the newest for the next time. */
async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  const fresh = fetch(request).then((answer) => {
    if (answer.ok) files.put(request, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  fresh.catch(() => {});
  return kept;
}
/* A page of the phone: the newest, else the last one seen. */
async function page(request) {
  const pages = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) pages.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await pages.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/logout/" || url.pathname === "/login/") event.waitUntil(caches.delete(PAGES)); /* what was seen is the person's */
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/") && !url.pathname.includes("/vendor/")) event.respondWith(file(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((kept) => kept || fetch(request).then((answer) => {
    const copy = answer.clone();
    if (answer.ok) caches.open(FILES).then((files) => files.put(request, copy));
    return answer;
  })));
  else if (request.mode === "navigate" && url.pathname.startsWith("/m/")) event.respondWith(page(request));
});
