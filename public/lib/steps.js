/** Ticks off the three steps as the visitor takes them, with whichever pane. */
export class Steps {
  #list = document.getElementById("steps");
  #cut = new Set();

  state(pane, state) {
    if (state === "cut") {
      this.#cut.add(pane);
      this.#done("cut");
    } else if (state === "connected" && this.#cut.delete(pane)) {
      if (this.#isDone("write")) this.#done("back");
    }
  }

  appended() {
    if (this.#cut.size > 0) this.#done("write");
  }

  #item(step) {
    return this.#list.querySelector(`[data-step="${step}"]`);
  }
  #isDone(step) {
    return this.#item(step).dataset.done === "true";
  }
  #done(step) {
    this.#item(step).dataset.done = "true";
  }
}
