// What the page keeps over a reload, in this tab alone: the token is as safe there as in the page, and gone with the tab.
const name = "momentum-demo";

export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? {};
  } catch {
    return {}; // the browser allows no storage, or another page has written there
  }
}

export function keep(value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch { /* no storage, or it is full: the page begins anew after a reload */ }
}
