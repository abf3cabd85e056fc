// leadhub's web chat. The settings, `leadhub`, stand in front of this text; both are wrapped in one function.
const tag = document.currentScript;
if (!tag) return;
const name = "leadhub-chat " + leadhub.chat;

// The conversation's token is kept for the next visit, what is not sent yet for this tab; where a browser keeps nothing,
// until the page goes.
const keeper = (get) => {
  let own = null;
  return {
    read: () => { try { return JSON.parse(get().getItem(name)) || own; } catch (error) { return own; } },
    write: (value) => {
      own = value;
      try { value ? get().setItem(name, JSON.stringify(value)) : get().removeItem(name); } catch (error) { /* kept above */ }
    },
  };
};
const kept = keeper(() => localStorage);
const tab = keeper(() => sessionStorage);
let token = kept.read();
const state = Object.assign({draft: "", queue: [], token: null}, tab.read());
const save = () => tab.write(state);

const make = (kind, properties, ...children) => {
  const node = document.createElement(kind);
  for (const [key, value] of Object.entries(properties || {}))
    if (value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
  node.append(...children);
  return node;
};

const draw = () => {
  const whole = "page" in tag.dataset;
  const words = leadhub.labels;
  const host = make("div", {lang: leadhub.language});
  const root = host.attachShadow({mode: "open"});
  const log = make("div", {class: "log", role: "log", "aria-live": "polite", "aria-label": leadhub.title, tabindex: "0"},
    make("p", {class: "us"}, leadhub.greeting));
  const status = make("p", {class: "status", role: "status"});
  const close = make("button", {class: "close", type: "button", "aria-label": words.close}, "\u00d7");
  const inputs = new Map();
  const field = (id, label, input, note) => {
    const problem = make("p", {class: "problem", id: id + "-problem", hidden: true});
    inputs.set(id, {input, problem});
    return make("div", {class: note || "field"}, ...(note ? [input, make("label", {for: id}, label)]
      : [make("label", {for: id}, label), input]), problem);
  };
  const kinds = {name: ["text", "name"], email: ["email", "email"]};
  const first = make("div", {class: "first"},
    ...leadhub.pre_chat.map((id) => field(id, words[id],
      make("input", {id, type: kinds[id][0], autocomplete: kinds[id][1], required: true, maxlength: 300}))),
    ...leadhub.consent.map((c) => field(c.field, c.text,
      make("input", {id: c.field, type: "checkbox", required: c.required}), "field choice")));
  const text = make("textarea", {id: "text", rows: 2, maxlength: 4000, required: true});
  const send = make("button", {class: "send", type: "submit"}, words.send);
  const form = make("form", {novalidate: true}, first, field("text", words.message, text), send, status);
  const panel = make("section", {id: "panel", class: whole ? "panel whole" : "panel", role: whole ? "region" : "dialog",
    "aria-label": leadhub.title, hidden: !whole},
    ...(whole ? [] : [make("header", {}, make("h2", {}, leadhub.title), close)]), log, form);
  const launcher = make("button", {class: "launcher", type: "button", "aria-expanded": "false", "aria-controls": "panel",
    "aria-haspopup": "dialog"}, leadhub.title);
  const shown = new Map();
  const begun = () => Boolean(token || state.queue.length);
  let next = "", timer = 0, idle = 0, failures = 0, sending = false, unread = 0;

  const note = (id, problem) => {
    const known = inputs.get(id);
    if (!known) return false;
    known.problem.textContent = problem;
    known.problem.hidden = !problem;
    known.input.toggleAttribute("aria-invalid", false);
    known.input.removeAttribute("aria-describedby");
    if (problem) {
      known.input.setAttribute("aria-invalid", "true");
      known.input.setAttribute("aria-describedby", known.problem.id);
    }
    return true;
  };
  const say = (sentence) => { if (status.textContent !== sentence) status.textContent = sentence; };

  const show = (message, waiting) => {
    let line = shown.get(message.id);
    if (!line) {
      const us = message.from === "us";
      line = make("p", {class: us ? "us" : "you"}, make("span", {class: "who"}, us ? words.us : words.you), message.text);
      shown.set(message.id, line);
      log.append(line);
      log.scrollTop = log.scrollHeight;
      if (us && panel.hidden) unread++;
    }
    line.classList.toggle("waiting", Boolean(waiting));
    launcher.textContent = leadhub.title + (unread ? " (" + unread + ")" : "");
  };

  const call = (url, bearer, body) => fetch(url, {
    method: body ? "POST" : "GET", credentials: "omit", cache: "no-store",
    headers: Object.assign(bearer ? {Authorization: "Bearer " + bearer} : {},
      body ? {"Content-Type": "application/json", Accept: "application/json"} : {}),
    body: body && JSON.stringify(body)});

  const again = (wait) => { clearTimeout(timer); timer = setTimeout(work, wait); };

  // The answer to one's own message; whether to go on with the next one.
  const settle = async (item, answer) => {
    if (answer.ok) {
      token = token || state.token;
      kept.write(token);
      state.token = null;
      state.queue.shift();
      show({id: item.id, from: "you", text: item.text});
      return true;
    }
    if (answer.status === 401) {  // another hub's, or one whose keys were lost: a new conversation
      token = state.token = null;
      kept.write(null);
      if (item.again) throw new Error("refused");
      item.first = item.again = true;
      return true;
    }
    if (![400, 413, 422].includes(answer.status)) throw new Error("not now");
    const problems = (await answer.json()).errors || [];
    // Without its beginning a conversation is none: all of it goes back to where it was typed.
    const back = state.queue.splice(0, item.first ? state.queue.length : 1);
    for (const {id} of back) { shown.get(id).remove(); shown.delete(id); }
    state.draft = text.value = [...back.map((one) => one.text), text.value].join("\n").trim();
    const rest = problems.filter((p) => !note(p.field, p.message));
    if (item.first) first.hidden = false;
    say(rest.length ? rest.map((p) => p.message).join(" ") : words.check);
    const wrong = root.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    return false;
  };

  const flush = async () => {
    while (state.queue.length) {
      const item = state.queue[0];
      if (!token && !state.token) {
        const opened = await call(leadhub.in, "", {open: true});
        if (!opened.ok) throw new Error("not now");
        state.token = (await opened.json()).conversation;
        save();
      }
      const bearer = token || state.token;
      const {again: unused, ...body} = item;
      const going_on = await settle(item, await call(leadhub.in, bearer,
        Object.assign(body, {conversation: bearer.split(".")[0]})));
      save();
      if (!going_on) return;
    }
  };

  const read = async () => {
    const answer = await call(leadhub.chat + (next && "?after=" + next), token);
    if (answer.status === 401) {
      token = null;
      kept.write(null);
      first.hidden = begun();
      return;
    }
    if (!answer.ok) throw new Error("not now");
    const transcript = await answer.json();
    const before = shown.size;
    for (const message of transcript.messages) show(message);
    idle = shown.size > before ? 0 : idle + 1;
    next = transcript.next;
    log.removeAttribute("aria-busy");
  };

  // Sends what waits, reads what came, and comes back: soon while somebody looks, seldom where nobody does.
  const work = async () => {
    if (sending) return;
    sending = true;
    try {
      await flush();
      if (token) await read();
      if (failures) say("");
      failures = 0;
    } catch (error) {
      failures++;
      say(leadhub.offline_message);
    }
    sending = false;
    const looking = !panel.hidden && !document.hidden;
    if (failures) again(Math.min(1000 * 2 ** failures, 60000));
    else if (state.queue.length) again(0);
    else if (token) again(looking ? Math.min(3000 * 1.1 ** idle, 15000) : Math.min(15000 * 1.5 ** idle, 300000));
  };
  const soon = () => { idle = 0; again(0); };

  const open = () => {
    panel.hidden = false;
    unread = 0;
    launcher.textContent = leadhub.title;
    launcher.setAttribute("aria-expanded", "true");
    log.scrollTop = log.scrollHeight;
    ((!first.hidden && first.querySelector("input")) || text).focus();
    soon();
  };
  const shut = () => {
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
  };

  const check = () => {
    let wrong;
    for (const [id, {input}] of inputs) {
      const asked = input === text || !first.hidden;
      if (input.type !== "checkbox") input.value = input.value.trim();
      const good = !asked || input.validity.valid;
      note(id, good ? "" : input.validationMessage);
      if (!good) wrong = wrong || input;
    }
    if (wrong) wrong.focus();
    return !wrong;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!check()) return;
    const item = {id: crypto.getRandomValues(new Uint32Array(4)).join("-"), text: text.value};
    if (!begun()) {
      item.first = true;
      for (const id of leadhub.pre_chat) item[id] = inputs.get(id).input.value;
      item.consent = leadhub.consent.filter((c) => inputs.get(c.field).input.checked).map((c) => c.field);
      item.page = location.href.slice(0, 4000);
      item.referrer = document.referrer.slice(0, 4000);
    }
    state.queue.push(item);
    state.draft = text.value = "";
    first.hidden = true;
    show({id: item.id, from: "you", text: item.text}, true);
    save();
    text.focus();
    soon();
  });
  text.addEventListener("input", () => { state.draft = text.value; save(); });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape" && !whole) shut(); });
  launcher.addEventListener("click", () => (panel.hidden ? open() : shut()));
  close.addEventListener("click", shut);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && begun()) soon(); });

  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(leadhub.style);
    root.adoptedStyleSheets = [sheet];
  } else root.append(make("style", {}, leadhub.style));
  root.append(...(whole ? [panel] : [panel, launcher]));
  (whole ? tag.parentNode : document.body).append(host);
  text.value = state.draft;
  first.hidden = begun();
  if (token) log.setAttribute("aria-busy", "true");
  for (const item of state.queue) show({id: item.id, from: "you", text: item.text}, true);
  if (begun()) work();
};

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", draw);
else draw();
