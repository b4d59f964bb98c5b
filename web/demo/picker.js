// Picker chooses for whom a message is: everybody, a topic, a user that is here, or any other user by id.
export class Picker {
  #select;
  #other;
  #topics = [];
  #people = [];

  constructor(select, other) {
    this.#select = select;
    this.#other = other;
    select.addEventListener("change", () => this.#reveal());
    this.#draw();
  }

  // target returns the options of a message, and the words for them; undefined if an id is missing.
  target() {
    const value = this.#select.value;
    if (value === "other") return this.#other.value.trim() ? { to: this.#other.value.trim() } : undefined;
    if (value.startsWith("#")) return { topic: value.slice(1) };
    return value ? { to: value } : {};
  }

  pick(value) {
    if (![...this.#select.options].some((option) => option.value === value)) return;
    this.#select.value = value;
    this.#reveal();
  }

  offer({ topics = this.#topics, people = this.#people }) {
    this.#topics = topics;
    this.#people = people;
    this.#draw();
  }

  // draw keeps the choice if it is still offered.
  #draw() {
    const before = this.#select.value;
    const groups = [
      this.#group("Topics", this.#topics.map((topic) => [`#${topic}`, `#${topic}`])),
      this.#group("People", this.#people),
    ].filter((group) => group.childElementCount);
    this.#select.replaceChildren(new Option("everybody", ""), ...groups, new Option("another user …", "other"));
    this.pick(before);
  }

  #group(label, choices) {
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...choices.map(([value, words]) => new Option(words, value)));
    return group;
  }

  #reveal() { this.#other.hidden = this.#select.value !== "other"; }
}
