// Elements of the page. Texts of others are only ever set as text.

export const $ = (id) => document.getElementById(id);

// element makes an element with properties and children.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((c) => c !== null && c !== undefined));
  return made;
}

// fill gives a table its head and rows. Each column has a title, and cell(row): a text or an element. A column with num is aligned to the right.
export function fill(table, columns, rows, empty = "None.") {
  const head = element("thead", {}, element("tr", {}, ...columns.map((c) => element("th", { scope: "col", className: c.num ? "num" : "" }, c.title))));
  const body = element("tbody");
  addRows(body, columns, rows);
  if (!rows.length) body.append(element("tr", {}, element("td", { colSpan: columns.length, className: "faint" }, empty)));
  table.replaceChildren(head, body);
}

// add appends rows to a table that fill has made.
export function add(table, columns, rows) { addRows(table.tBodies[0], columns, rows); }

function addRows(body, columns, rows) {
  for (const row of rows) {
    body.append(element("tr", { className: row.className ?? "" }, ...columns.map((c, i) => {
      const cell = element(i === 0 ? "th" : "td", { className: c.num ? "num" : "" }, c.cell(row) ?? "");
      if (i === 0) cell.scope = "row";
      return cell;
    })));
  }
}

// meter shows how full something is. From nine tenths on it is marked.
export function meter(now, limit, name) {
  if (!limit) return null;
  return element("meter", { min: 0, max: limit, high: 0.9 * limit, optimum: 0, value: now, "aria-label": name });
}

// twice makes a button that acts when it is pressed again within some seconds: a slip closes no connection.
export function twice(text, question, act) {
  const button = element("button", { type: "button", className: "danger" }, text);
  button.dataset.write = "";
  let asked = 0;
  const calm = () => { clearTimeout(asked); asked = 0; button.textContent = text; button.classList.remove("asking"); };
  button.addEventListener("blur", calm);
  button.addEventListener("click", async () => {
    if (!asked) {
      button.textContent = question;
      button.classList.add("asking");
      asked = setTimeout(calm, 5000);
      return;
    }
    calm();
    button.disabled = true;
    try {
      await act();
    } finally {
      button.disabled = document.body.dataset.right !== "write";
    }
  });
  return button;
}
