// The token, in this tab alone: over a reload it is as safe in the tab's storage as in the page, and it is gone with the tab.
const name = "momentum-dashboard-token";
let token = "";

try {
  token = sessionStorage.getItem(name) ?? "";
} catch { /* the browser allows no storage: the token lives as long as the page */ }

export const current = () => token;

export function use(next) {
  token = next;
  try {
    if (next) sessionStorage.setItem(name, next);
    else sessionStorage.removeItem(name);
  } catch { /* no storage */ }
}
