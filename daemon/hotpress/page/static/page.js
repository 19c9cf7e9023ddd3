// What the page does better with a script: it goes on telling, answers without a reload, takes files
// that are dragged onto it. Everything works without it, too.
"use strict";

const told = document.getElementById("told");
const line = document.getElementById("line");

function say(text, done) {
  const said = document.createElement("p");
  said.className = done ? "told" : "told refused";
  said.textContent = text;
  told.replaceChildren(said);
}

// Only what differs is replaced, so that a reader's place, focus and half-typed words stay.
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const both = old.nodeName === fresh.nodeName && old.id === fresh.id;
  const keyed = both && [...fresh.children].some((each) => each.id);
  if (!keyed) {
    if (old.contains(document.activeElement) && keepsFocus(old, fresh)) return;
    old.replaceWith(fresh);
    return;
  }
  for (const each of [...old.attributes]) if (!fresh.hasAttribute(each.name)) old.removeAttribute(each.name);
  for (const each of fresh.attributes) old.setAttribute(each.name, each.value);
  const known = new Map([...old.children].filter((each) => each.id).map((each) => [each.id, each]));
  let place = old.firstElementChild;
  for (const each of [...fresh.children]) {
    let mine = each.id ? known.get(each.id) : null;
    if (!mine && place && !place.id && !each.id && place.nodeName === each.nodeName) mine = place;
    if (mine) {
      if (mine !== place) old.insertBefore(mine, place);
      const next = mine.nextElementSibling;
      renew(mine, each);
      place = next;
    } else {
      old.insertBefore(each, place);
    }
  }
  while (place) {
    const next = place.nextElementSibling;
    place.remove();
    place = next;
  }
}

// A part that has the focus: the button of the same name gets it; where somebody types, it waits.
function keepsFocus(old, fresh) {
  const here = document.activeElement;
  if (here.matches("input:not([type=hidden]), textarea, select")) return true;
  const same = here.id && fresh.querySelector(`#${CSS.escape(here.id)}`);
  if (same) {
    old.replaceWith(fresh);
    same.focus();
    return true;
  }
  return false;
}

function listen() {
  const address = document.body.dataset.live;
  const live = document.getElementById("live");
  if (!address || !live || !window.EventSource) return;
  let source = null;
  const open = () => {
    if (source) return;
    source = new EventSource(address);
    source.onopen = () => { line.textContent = "Live."; };
    source.onerror = () => { line.textContent = "The line is cut; it is tried again."; };
    source.onmessage = (event) => {
      const fresh = document.createElement("div");
      fresh.id = "live";
      fresh.innerHTML = JSON.parse(event.data);
      renew(live, fresh);
    };
  };
  const close = () => { if (source) { source.close(); source = null; } };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.action.includes("/do/")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    const said = await answer.json();
    say(said.text, said.done);
    if (said.done && form.querySelector("textarea")) form.reset();
  } catch {
    say("hotpress does not answer; is it still running?", false);
  } finally {
    button.disabled = false;
  }
});

function dropping() {
  const form = document.getElementById("drop-form");
  if (!form) return;
  const place = document.getElementById("drop");
  const chosen = document.getElementById("drop-file");
  const bar = document.getElementById("drop-progress");
  const button = document.getElementById("drop-button");
  document.getElementById("drop-hint").append(" Or drag it onto this page.");
  const send = (file) => new Promise((end) => {
    const data = new FormData();
    data.append("token", form.elements.token.value);
    data.append("inbox", form.elements.inbox.value);
    data.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onload = () => { say(request.response ? request.response.text : "That did not work.", request.status === 201); end(); };
    request.onerror = () => { say(`${file.name} could not be sent: the line was cut.`, false); end(); };
    request.send(data);
  });
  const all = async (files) => {
    button.disabled = true;
    bar.hidden = false;
    for (const file of files) {
      bar.value = 0;
      await send(file);
    }
    bar.hidden = true;
    button.disabled = false;
    form.reset();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); all(chosen.files); });
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    place.classList.add("over");
  };
  document.addEventListener("dragenter", over);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) place.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    place.classList.remove("over");
    all(event.dataTransfer.files);
  });
}

// Before and after lie over each other; a handle parts them: dragged, or moved with the arrow keys.
function comparing() {
  const place = document.getElementById("compare");
  if (!place) return;
  const [before, after] = place.querySelectorAll("img");
  const handle = document.createElement("input");
  const bar = document.createElement("div");
  handle.type = "range";
  handle.min = 0;
  handle.max = 100;
  handle.value = 50;
  handle.setAttribute("aria-label", "How much of the picture is from before");
  bar.className = "bar";
  const move = () => {
    const part = Number(handle.value);
    after.style.clipPath = `inset(0 0 0 ${part}%)`;
    bar.style.left = `${part}%`;
    handle.setAttribute("aria-valuetext", `${part} % before, ${100 - part} % after`);
  };
  const lay = () => {
    if (place.classList.contains("laid") || !before.naturalWidth || !after.naturalWidth) return;
    place.classList.add("laid");
    place.append(bar, handle);
    move();
  };
  handle.addEventListener("input", move);
  for (const image of [before, after]) {
    image.loading = "eager";
    image.addEventListener("load", lay);
    image.addEventListener("error", () => { image.closest("figure").hidden = true; });
  }
  lay();
}

listen();
dropping();
comparing();
