// Position is what this page has had: the epoch, and the last number of the broadcast and of the direct messages. A
// connection that begins with it gets what was missed (docs/PROTOCOL.md, "Resume").
export class Position {
  #epoch = "";
  #broadcast = 0;
  #direct = 0;

  // in returns the URL with the position in its query.
  in(url) {
    const u = new URL(url);
    u.searchParams.set("resume", this.#epoch && `${this.#epoch}.${this.#broadcast}.${this.#direct}`);
    return u.href;
  }

  // had moves the position after a message.
  had(m) {
    if (m.message_type === "welcome" || m.message_type === "position" && !m.data.topic) this.#welcomed(m.data);
    else if (m.message_type === "gap" && m.data.channel === "broadcast") this.#broadcast = m.data.to;
    else if (m.message_type === "gap" && m.data.channel === "direct") this.#direct = m.data.to;
    else if (!m.seq || m.topic) return; // it has no number, or that of another channel
    else if (m.to_user_id) this.#direct = m.seq;
    else this.#broadcast = m.seq;
  }

  // welcomed takes the server's numbers, unless missed messages follow, which move the position one by one.
  #welcomed(data) {
    if (data.missed > 0) return;
    this.#epoch = data.epoch;
    this.#broadcast = data.broadcast;
    this.#direct = data.direct;
  }
}
