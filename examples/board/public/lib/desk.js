/** So much of the note's neighbourhood is to be seen when it is brought into view. */
const MARGIN = 24;
/** A drag this close to the edge scrolls, in pixels. */
const EDGE = 48;
const ZOOMS = [0.4, 0.55, 0.75, 1, 1.25, 1.5];

/** The part of the page that shows a part of the board: scrolling, zoom, and where a point is. */
export class Desk {
  element = /** @type {HTMLElement} */ (document.getElementById("desk"));
  world = /** @type {HTMLElement} */ (document.getElementById("world"));
  #sheet = /** @type {HTMLElement} */ (document.getElementById("sheet"));
  #zoom = 1;
  #size = { width: 2_400, height: 1_600 };

  constructor() {
    this.#show();
  }

  /** @param {{ width: number, height: number }} size of the board */
  set size(size) {
    this.#size = size;
    this.#show();
  }

  /**
   * The place on the board under a point of the window.
   * @param {{ clientX: number, clientY: number }} point
   */
  at({ clientX, clientY }) {
    const { left, top } = this.world.getBoundingClientRect();
    const { width, height } = this.#size;
    return {
      x: between(0, (clientX - left) / this.#zoom, width),
      y: between(0, (clientY - top) / this.#zoom, height),
    };
  }

  /** The place on the board in the middle of what is seen. */
  get middle() {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return this.at({ clientX: left + width / 2, clientY: top + height / 2 });
  }

  /**
   * The nearest place to lay a note of this size.
   * @param {{ x: number, y: number }} place
   * @param {{ width: number, height: number }} note
   */
  within({ x, y }, note) {
    const { width, height } = this.#size;
    return { x: between(0, x, width - note.width), y: between(0, y, height - note.height) };
  }

  /** @param {1 | -1} steps */
  zoom(steps) {
    const now = ZOOMS.indexOf(this.#zoom);
    const { x, y } = this.middle;
    this.#zoom = ZOOMS[between(0, now + steps, ZOOMS.length - 1)] ?? 1;
    this.#show();
    this.centre({ x, y });
  }

  /** @param {{ x: number, y: number }} place is brought to the middle */
  centre({ x, y }) {
    const { element } = this;
    element.scrollLeft = x * this.#zoom - element.clientWidth / 2;
    element.scrollTop = y * this.#zoom - element.clientHeight / 2;
  }

  /** Scrolls only as far as it takes. @param {{ x: number, y: number, width: number, height: number }} box */
  reveal({ x, y, width, height }) {
    const { element } = this;
    const [left, top, right, bottom] = [x, y, x + width, y + height].map((at) => at * this.#zoom);
    if (left === undefined || top === undefined || !right || !bottom) return;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
    if (left - MARGIN < scrollLeft) element.scrollLeft = left - MARGIN;
    else if (right + MARGIN > scrollLeft + clientWidth)
      element.scrollLeft = right + MARGIN - clientWidth;
    if (top - MARGIN < scrollTop) element.scrollTop = top - MARGIN;
    else if (bottom + MARGIN > scrollTop + clientHeight)
      element.scrollTop = bottom + MARGIN - clientHeight;
  }

  /** Scrolls on while something is dragged to the edge. @param {{ clientX: number, clientY: number }} point */
  nudge({ clientX, clientY }) {
    const { left, top, right, bottom } = this.element.getBoundingClientRect();
    this.element.scrollBy(
      Math.max(0, clientX - (right - EDGE)) / 3 - Math.max(0, left + EDGE - clientX) / 3,
      Math.max(0, clientY - (bottom - EDGE)) / 3 - Math.max(0, top + EDGE - clientY) / 3,
    );
  }

  #show() {
    const { width, height } = this.#size;
    this.#sheet.style.width = `${width * this.#zoom}px`;
    this.#sheet.style.height = `${height * this.#zoom}px`;
    this.world.style.width = `${width}px`;
    this.world.style.height = `${height}px`;
    this.world.style.transform = `scale(${this.#zoom})`;
    const zoom = document.getElementById("zoom");
    if (zoom) zoom.textContent = `${Math.round(this.#zoom * 100)}%`;
  }
}

/** A whole number. @param {number} low @param {number} value @param {number} high */
function between(low, value, high) {
  return Math.round(Math.min(Math.max(value, low), high));
}
