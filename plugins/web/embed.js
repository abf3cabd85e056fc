// leadhub's embedded form. The settings, `leadhub`, stand in front of this text; both are wrapped in one function.
const tag = document.currentScript;
if (!tag) return;

const make = (name, properties, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};

const draw = () => {
  const host = make("div", {lang: leadhub.language});
  const root = host.attachShadow({mode: "open"});
  const notes = new Map();
  const inputs = new Map();
  const mark = (required) => (required ? [make("span", {class: "mark", "aria-hidden": "true"}, " *")] : []);
  const note = (name, id) => {
    const node = make("p", {class: "problem", id: id + "-problem", hidden: true});
    notes.set(name, node);
    return node;
  };

  const choice = (id, name, value, text, required, type) => {
    const input = make("input", {id, name, value, type, required});
    if (!inputs.has(name)) inputs.set(name, input);
    return make("div", {class: "choice"}, input, make("label", {for: id}, text, ...mark(required)));
  };

  const field = (f, i) => {
    const id = "field-" + i;
    if (f.kind === "checkbox")
      return make("div", {class: "field"}, choice(id, f.name, "true", f.label, f.required, "checkbox"), note(f.name, id));
    if (f.kind === "choices")
      return make("fieldset", {class: "field"}, make("legend", {}, f.label, ...mark(f.required)),
        ...f.options.map((o, k) => choice(id + "-" + k, f.name, o, o, false, "checkbox")), note(f.name, id));
    const common = {id, name: f.name, required: f.required, autocomplete: f.autocomplete};
    let input;
    if (f.kind === "textarea") input = make("textarea", {...common, rows: 5});
    else if (f.kind === "select")
      input = make("select", common, make("option", {value: ""}), ...f.options.map((o) => make("option", {value: o}, o)));
    else input = make("input", {...common, type: f.kind, inputmode: f.inputmode, step: f.step});
    inputs.set(f.name, input);
    return make("div", {class: "field"}, make("label", {for: id}, f.label, ...mark(f.required)), input, note(f.name, id));
  };

  const status = make("div", {class: "status", role: "status", tabindex: "-1"});
  const button = make("button", {type: "submit"}, leadhub.button);
  const form = make("form", {method: "post", action: leadhub.action},
    ...leadhub.fields.map(field),
    ...leadhub.consent.map((c, i) => make("div", {class: "field"},
      choice("consent-" + i, c.name, "yes", c.text, c.required, "checkbox"), note(c.name, "consent-" + i))));
  if (leadhub.honeypot)
    form.append(make("div", {class: "elsewhere", "aria-hidden": "true"},
      make("input", {name: leadhub.honeypot, tabindex: "-1", autocomplete: "off", "aria-label": "Leave this empty"})));
  form.append(button, status);

  const body = () => {
    const data = new URLSearchParams(new FormData(form));
    data.append("_leadhub_token", leadhub.token);
    const visitor = document.cookie.match(/(?:^|; )leadhub_visitor=([0-9a-f]{32})/);
    if (visitor) data.append("_leadhub_visitor", visitor[1]);
    data.append("landing_page", location.href.slice(0, 4000));
    if (document.referrer) data.append("referrer", document.referrer.slice(0, 4000));
    const query = new URLSearchParams(location.search);
    for (const name of leadhub.attribution) if (query.get(name)) data.append(name, query.get(name));
    return data;
  };

  const say = (text, problem) => {
    status.textContent = text;
    status.classList.toggle("problem", Boolean(problem));
  };

  const show = (problems) => {
    for (const node of notes.values()) node.hidden = true;
    for (const input of inputs.values()) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    let first;
    const rest = [];
    for (const problem of problems) {
      const node = notes.get(problem.field);
      const input = inputs.get(problem.field);
      if (!node) { rest.push(problem.message); continue; }
      node.textContent = "This " + problem.message + ".";
      node.hidden = false;
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", node.id);
      first = first || input;
    }
    say(rest.join(" ") || (first ? leadhub.check : leadhub.failed), true);
    if (first) first.focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    say("");
    try {
      const answer = await fetch(leadhub.action,
        {method: "POST", body: body(), headers: {Accept: "application/json"}, credentials: "omit"});
      if (answer.ok) {
        if ("redirect" in tag.dataset && leadhub.thank_you) return void location.assign(leadhub.thank_you);
        form.replaceChildren(status);
        say(leadhub.thanks);
        status.focus();
        return;
      }
      show((await answer.json()).errors || []);
    } catch (error) {
      say(leadhub.failed, true);
    }
    button.disabled = false;
  });

  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(leadhub.style);
    root.adoptedStyleSheets = [sheet];
  } else root.append(make("style", {}, leadhub.style));
  root.append(form);
  const place = tag.dataset.target && document.querySelector(tag.dataset.target);
  if (place) place.append(host);
  else if (tag.parentNode && tag.parentNode !== document.head) tag.after(host);
  else document.body.append(host);
};

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", draw);
else draw();
