// leadhub's tracker. `settings` stands in front of this text; both are wrapped in one function.
const name = "leadhub_visitor";
const kept = () => (document.cookie.match(/(?:^|; )leadhub_visitor=([^;]*)/) || [])[1];
const keep = (value, seconds) => {
  document.cookie = name + "=" + value + "; Path=/; SameSite=Lax; Max-Age=" + seconds +
    (location.protocol === "https:" ? "; Secure" : "");
};
const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const hub = settings.url.replace(/[^/]*$/, "");
const here = () => (location.origin + location.pathname).slice(0, 1000);

let visitor, attribution, queue = [], failures = 0, timer;

// Where the visit began. A campaign's link begins another one.
const arrive = () => {
  const found = {}, query = new URLSearchParams(location.search);
  for (const key of settings.attribution) if (query.get(key)) found[key] = query.get(key).slice(0, 500);
  try {
    const before = JSON.parse(sessionStorage.getItem(name));
    if (before && !Object.keys(found).length) return before;
  } catch {}
  found.landing_page = here();
  const from = document.referrer.split(/[?#]/)[0];
  if (from && !from.startsWith(location.origin + "/")) found.referrer = from.slice(0, 1000);
  try { sessionStorage.setItem(name, JSON.stringify(found)); } catch {}
  return found;
};

const body = (events) => JSON.stringify({visitor, attribution, events});
const later = (ms) => { timer = timer || setTimeout(send, ms); };

// An event stays in the queue until the hub has answered: sent again, its key makes it a duplicate.
const send = () => {
  const events = queue.slice(0, settings.batch);
  const done = (given) => {
    timer = 0;
    failures = given ? 0 : failures + 1;
    if (given || failures > 4) queue = queue.filter((event) => !events.includes(event));
    if (queue.length) later(given ? 0 : 2000 << failures);
  };
  if (!events.length) return void (timer = 0);
  fetch(settings.url, {method: "POST", body: body(events), keepalive: true, credentials: "omit"})
    .then((answer) => done(answer.status < 500 && answer.status !== 429), () => done(false));
};

const track = (type, data) => {
  if (!visitor || queue.length >= settings.batch) return;
  queue.push({type, key: random(), page: here(), title: document.title.slice(0, 200), ...data});
  later(0);
};

const isId = (text) => /^[0-9a-f]{32}$/.test(text);
const start = () => {
  if (visitor || navigator.globalPrivacyControl) return;
  visitor = kept();
  if (!isId(visitor)) keep((visitor = random()), settings.seconds);
  attribution = arrive();
  track("page.viewed");
};

const forget = () => {
  visitor = undefined;
  queue = [];
  try { sessionStorage.removeItem(name); } catch {}
  if (kept()) keep("", 0);
};

const calls = {
  page: "page.viewed", cart: "cart.updated", purchase: "purchase.completed", identify: "x.tracker.identified",
  consent: (given) => {
    if (given === true) return start();
    forget();
    // Where nobody is asked first, a refusal has to be remembered.
    if (!settings.required && !navigator.globalPrivacyControl) keep("no", settings.seconds);
  }
};
const leadhub = (call, data) => {
  const known = calls[call];
  typeof known === "function" ? known(data) : known && track(known, data && {data});
};

addEventListener("click", ({target}) => {
  const link = target.closest && target.closest("a[href]");
  const file = String(link && link.pathname);
  if (settings.downloads.includes(file.split(".").pop().toLowerCase()))
    track("content.downloaded", {file: (link.origin + file).slice(0, 1000)});
}, true);
// A form that goes to the hub says whose it is.
addEventListener("formdata", ({target, formData}) => {
  if (visitor && String(target.action).startsWith(hub)) formData.set("_" + name, visitor);
});
addEventListener("pagehide", () => {
  if (queue.length) navigator.sendBeacon(settings.url, body(queue));
});

const waiting = (window.leadhub || {}).q || [];
window.leadhub = leadhub;
if (navigator.globalPrivacyControl) forget();
else if (settings.required ? isId(kept()) : kept() !== "no") start();
for (const call of waiting) leadhub(...call);
