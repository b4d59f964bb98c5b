// linked returns the nodes for a text in which addresses are links. Only http and https are: javascript: and the like would run code.
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'`]+/g)) {
    const address = found[0].replace(/[.,;:!?)\]}]+$/, ""); // the sentence's, not the address's
    if (!URL.canParse(address)) continue;
    nodes.push(document.createTextNode(text.slice(end, found.index)), anchor(address));
    end = found.index + address.length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

function anchor(address) {
  const a = document.createElement("a");
  a.href = address;
  a.textContent = address;
  a.target = "_blank";
  a.rel = "noopener noreferrer nofollow";
  return a;
}
